//! `/sql review`: the same review, nothing filed, answered only to the asker.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "sql",
    name: Some("review"),
    said: Said::fixed(
        "Have SQL reviewed; nothing is filed, only you see the answer",
        "只审核 SQL，不建工单，结果只有你能看到",
    ),
    options: &[sql_submit::GROUP, sql_submit::DATABASE, sql_submit::FILE],
};
