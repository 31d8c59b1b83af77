//! `/proxy add`: a server comes to the reading pool.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("add"),
    said: Said::fixed("Add a server to the reads", "把服务器加入读流量"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, part::WEIGHT, part::PROXIES, sql_submit::TIME],
};
