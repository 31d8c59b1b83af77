//! `/proxy show`: what a service group's proxies lead to.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("show"),
    said: Said::fixed(
        "Show a service group's proxies: where writes and reads go",
        "查看服务组的代理：读写流量去向",
    ),
    options: &[sql_submit::GROUP],
};
