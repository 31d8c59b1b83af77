//! `/cluster add-replica`: a replica more.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("add-replica"),
    said: Said::fixed("Make a replica, give it data, and read from it", "新建从库、复制数据并提供读"),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "host",
            said: Said::fixed("On which host of the inventory", "清单中的哪台主机"),
            takes: Takes::Completed(Completes::Host),
            required: true,
        },
        part::REASON,
        Opt {
            name: "port",
            said: Said::fixed("Its port; left out: 3306", "端口；省略：3306"),
            takes: Takes::Text(5),
            required: false,
        },
        Opt {
            name: "from",
            said: Said::fixed(
                "Whose data it gets; left out: a replica's",
                "从哪个服务器复制数据；省略：某个从库",
            ),
            takes: Takes::Completed(Completes::Server),
            required: false,
        },
        Opt {
            name: "by",
            said: Said::fixed(
                "How; left out: the fastest that the flavour knows",
                "复制方式；省略：最快的方式",
            ),
            takes: Takes::OneOf(&[
                ("mariadb_backup", Said::fixed("mariadb-backup", "mariadb-backup")),
                ("clone", Said::fixed("clone plugin (MySQL)", "clone 插件（MySQL）")),
                ("dump", Said::fixed("dump", "逻辑导出")),
            ]),
            required: false,
        },
        Opt {
            name: "memory",
            said: Said::fixed(
                "Its buffer pool in MB; left out: half of the host's memory",
                "缓冲池大小（MB）；省略：主机内存的一半",
            ),
            takes: Takes::Text(7),
            required: false,
        },
        part::WEIGHT,
        part::MORE,
        sql_submit::TIME,
    ],
};
