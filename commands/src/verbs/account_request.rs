//! `/account request`

use super::{Completes, Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "account",
    name: Some("request"),
    said: Said::fixed("Ask for an account on a database", "申请数据库账号"),
    options: &[
        sql_submit::GROUP,
        sql_submit::DATABASE,
        Opt {
            name: "level",
            said: Said::fixed("How much it may", "权限级别"),
            takes: Takes::OneOf(&[
                ("ro", Said::fixed("ro: read", "ro：只读")),
                ("rw", Said::fixed("rw: read and change rows", "rw：读写数据")),
                ("ddl", Said::fixed("ddl: change tables, too", "ddl：还可变更表结构")),
            ]),
            required: true,
        },
        Opt {
            name: "from",
            said: Said::fixed(
                "From where: an application, or addresses and networks such as 10.1.0.0/16",
                "从哪里连接：应用名，或地址、网段（如 10.1.0.0/16）",
            ),
            takes: Takes::Completed(Completes::Application),
            required: true,
        },
        Opt {
            name: "until",
            said: Said::fixed(
                "Until when: 90d, or a date such as 2027-03-01",
                "有效期：90d，或如 2027-03-01 的日期",
            ),
            takes: Takes::Text(40),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "tables",
            said: Said::fixed(
                "Only these tables, between commas; left out, the whole database",
                "仅这些表，用逗号分隔；不填则为整个数据库",
            ),
            takes: Takes::Text(500),
            required: false,
        },
        Opt {
            name: "name",
            said: Said::fixed(
                "What it is to be called; left out, made of the above",
                "账号名；不填则自动生成",
            ),
            takes: Takes::Text(32),
            required: false,
        },
        Opt {
            name: "hash",
            said: Said::fixed(
                "The hash of a password of your own; never a password. Left out, the desk makes one",
                "自有密码的哈希（不要填密码本身）；不填则由工单台生成",
            ),
            takes: Takes::Text(200),
            required: false,
        },
    ],
};
