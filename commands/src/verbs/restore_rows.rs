//! `/restore rows`: rows that were changed over a direct connection come back.

use super::{Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "restore",
    name: Some("rows"),
    said: Said::fixed(
        "Find in the binary log what was done to rows, and bring them back; for DBAs",
        "在 binlog 中查找对行的修改并恢复，仅限 DBA",
    ),
    options: &[
        sql_submit::GROUP,
        sql_submit::DATABASE,
        Opt {
            name: "table",
            said: Said::fixed("Which table", "哪张表"),
            takes: Takes::Text(64),
            required: true,
        },
        Opt {
            name: "from",
            said: Said::fixed(
                "From when: 90m, 2h, 3d ago, or a time such as 2026-11-23 02:00",
                "从何时起：90m、2h、3d 之前，或如 2026-11-23 02:00 的时间",
            ),
            takes: Takes::Text(60),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("What happened, for the DBA who approves", "发生了什么，给审批的 DBA 看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "until",
            said: Said::fixed(
                "Until when, likewise; left out, until now",
                "到何时为止，写法相同；不填则到现在",
            ),
            takes: Takes::Text(60),
            required: false,
        },
    ],
};
