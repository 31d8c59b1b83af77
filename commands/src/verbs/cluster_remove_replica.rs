//! `/cluster remove-replica`: a replica less.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("remove-replica"),
    said: Said::fixed("Take a replica away; its data is kept aside", "移除从库，数据移到一旁保留"),
    options: &[sql_submit::GROUP, part::REPLICA, part::REASON, sql_submit::TIME],
};
