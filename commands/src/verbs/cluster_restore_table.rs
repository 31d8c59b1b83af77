//! `/cluster restore-table`: a table as it was, beside the one that is there.

use super::{Opt, Takes, Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("restore-table"),
    said: Said::fixed(
        "Bring a table as it was at a moment beside the one that is there",
        "把一张表在某一时刻的内容恢复到原表旁边",
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
            name: "until",
            said: Said::fixed(
                "The moment, such as 2026-11-28 14:05, in the time of the service group",
                "时刻，例如 2026-11-28 14:05（服务组的时区）",
            ),
            takes: Takes::Text(40),
            required: true,
        },
        part::REASON,
        Opt {
            name: "as",
            said: Said::fixed(
                "The name that it gets; left out: its name and the moment",
                "恢复后的表名；省略：原表名加时刻",
            ),
            takes: Takes::Text(64),
            required: false,
        },
        sql_submit::TIME,
    ],
};
