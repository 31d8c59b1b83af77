//! `/cluster history`: who changed what of a service group, when and why.

use super::{Opt, Takes, Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("history"),
    said: Said::fixed(
        "Who changed what of a service group, when and why",
        "服务组的变更历史：谁、何时、为什么",
    ),
    options: &[
        sql_submit::GROUP,
        Opt {
            name: "at",
            said: Said::fixed(
                "What it was at this time, such as 2026-11-28T09:00:00Z",
                "当时的内容，例如 2026-11-28T09:00:00Z",
            ),
            takes: Takes::Text(32),
            required: false,
        },
    ],
};
