//! `/cluster retire`: a service group is taken away.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("retire"),
    said: Said::fixed("Take a service group away; its data is kept aside", "下线服务组，数据移到一旁保留"),
    options: &[sql_submit::GROUP, part::REASON, sql_submit::TIME],
};
