//! `/schedule add`: a ticket that is filed again and again. Without a file, a modal asks for the SQL.

use super::{Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "schedule",
    name: Some("add"),
    said: Said::fixed(
        "File the same SQL again and again; t_{next_month} stands for t_202612",
        "定期提交同一段 SQL；t_{next_month} 代表 t_202612",
    ),
    options: &[
        Opt {
            name: "name",
            said: Said::fixed("What to call it, such as monthly-orders", "名字，例如 monthly-orders"),
            takes: Takes::Text(64),
            required: true,
        },
        sql_submit::GROUP,
        sql_submit::DATABASE,
        Opt {
            name: "cron",
            said: Said::fixed(
                "When, as in crontab: 30 2 1 * * is at 02:30 on the first of each month",
                "时间，同 crontab：30 2 1 * * 表示每月 1 日 02:30",
            ),
            takes: Takes::Text(128),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the DBA who approves", "原因，给审批的 DBA 看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "zone",
            said: Said::fixed(
                "Time zone, such as Europe/Berlin; left out, the service group's",
                "时区，例如 Asia/Shanghai；不填则用服务组的时区",
            ),
            takes: Takes::Text(64),
            required: false,
        },
        sql_submit::FILE,
    ],
};
