//! `/database request`

use super::{Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "database",
    name: Some("request"),
    said: Said::fixed("Ask for a new database", "申请新的数据库"),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "name",
            said: Said::fixed("What it is to be called", "数据库名"),
            takes: Takes::Text(64),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "charset",
            said: Said::fixed("Its character set; left out, utf8mb4", "字符集；不填则为 utf8mb4"),
            takes: Takes::Text(32),
            required: false,
        },
        Opt {
            name: "collation",
            said: Said::fixed("Its collation; left out, the server's own", "排序规则；不填则用服务器默认"),
            takes: Takes::Text(64),
            required: false,
        },
        Opt {
            name: "owner",
            said: Said::fixed("The team that owns it; left out, yours", "所属团队；不填则为你的团队"),
            takes: Takes::Text(64),
            required: false,
        },
        Opt {
            name: "size",
            said: Said::fixed("How large it will become, in MB", "预计大小（MB）"),
            takes: Takes::Text(12),
            required: false,
        },
    ],
};
