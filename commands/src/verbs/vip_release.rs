//! `/vip release`: a virtual IP is on no host.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "vip",
    name: Some("release"),
    said: Said::fixed("Take a virtual IP away from its hosts", "撤下虚拟 IP"),
    options: &[sql_submit::GROUP, part::VIP, part::REASON, sql_submit::TIME],
};
