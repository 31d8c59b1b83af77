//! `/sql submit`: file a ticket. Without a file, a modal asks for the SQL.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The service group, shared with `/sql review`.
pub(super) const GROUP: Opt = Opt {
    name: "group",
    said: Said::fixed("Which service group", "哪个服务组"),
    takes: Takes::Completed(Completes::ServiceGroup),
    required: true,
};
/// The database, shared with `/sql review`.
pub(super) const DATABASE: Opt = Opt {
    name: "database",
    said: Said::fixed("Which database of it", "其中哪个数据库"),
    takes: Takes::Completed(Completes::Database),
    required: true,
};
/// The SQL file, shared with `/sql review`.
pub(super) const FILE: Opt = Opt {
    name: "file",
    said: Said::fixed(
        "A .sql file, for SQL longer than 4,000 characters",
        ".sql 文件，适合超过 4,000 字的 SQL",
    ),
    takes: Takes::File,
    required: false,
};
/// The time, shared with `/script run`.
pub(super) const TIME: Opt = Opt {
    name: "time",
    said: Said::fixed(
        "now (default), quiet, or a time such as 2026-11-23 02:00",
        "now（默认，立即）、quiet（低峰期），或如 2026-11-23 02:00 的时间",
    ),
    takes: Takes::Completed(Completes::When),
    required: false,
};

/// The command.
pub const VERB: Verb = Verb {
    group: "sql",
    name: Some("submit"),
    said: Said::fixed(
        "Have SQL reviewed, approved and run; t_{00..63} stands for 64 numbered tables",
        "提交 SQL：审核、审批、执行；t_{00..63} 代表 64 张分表",
    ),
    options: &[
        GROUP,
        DATABASE,
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the DBA who approves", "原因，给审批的 DBA 看"),
            takes: Takes::Text(500),
            required: true,
        },
        TIME,
        Opt {
            name: "on_failure",
            said: Said::fixed("Of t_{00..63}: when one table fails", "分表 t_{00..63} 中某一张失败时"),
            takes: Takes::OneOf(&[
                ("stop", Said::fixed("stop there (default)", "停下（默认）")),
                ("go_on", Said::fixed("go on with the others", "继续执行其余的表")),
            ]),
            required: false,
        },
        FILE,
    ],
};
