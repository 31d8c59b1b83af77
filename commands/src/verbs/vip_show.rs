//! `/vip show`: a service group's virtual IPs.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "vip",
    name: Some("show"),
    said: Said::fixed("Show a service group's virtual IPs", "查看服务组的虚拟 IP"),
    options: &[sql_submit::GROUP],
};
