//! `/dns set`: a name leads somewhere.

use super::{Completes, Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "dns",
    name: Some("set"),
    said: Said::fixed(
        "Lead a name somewhere; a new one comes to the inventory",
        "设置域名解析；新域名会写入清单",
    ),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "name",
            said: Said::fixed("The name, whole", "完整域名"),
            takes: Takes::Completed(Completes::Name),
            required: true,
        },
        Opt {
            name: "to",
            said: Said::fixed("Addresses, with commas between, or one name", "地址（用逗号分隔）或一个域名"),
            takes: Takes::Text(500),
            required: true,
        },
        part::REASON,
        Opt {
            name: "purpose",
            said: Said::fixed("What it is for", "用途"),
            takes: Takes::OneOf(&[
                ("write", Said::fixed("writes (default)", "写（默认）")),
                ("read", Said::fixed("reads", "读")),
            ]),
            required: false,
        },
        Opt {
            name: "zone",
            said: Said::fixed(
                "Its zone; left out: what follows its first dot",
                "区域；省略：第一个点之后的部分",
            ),
            takes: Takes::Text(253),
            required: false,
        },
        Opt {
            name: "ttl",
            said: Said::fixed("How long an answer is kept, in seconds; left out: 5", "TTL（秒）；省略：5"),
            takes: Takes::Text(5),
            required: false,
        },
        sql_submit::TIME,
    ],
};
