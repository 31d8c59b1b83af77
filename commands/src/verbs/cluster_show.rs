//! `/cluster show`: what the inventory says of a service group beside what its servers say now.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("show"),
    said: Said::fixed(
        "Show a service group: its servers, what stands in front of them, what differs",
        "查看服务组：服务器、前端入口、与清单的差异",
    ),
    options: &[sql_submit::GROUP],
};
