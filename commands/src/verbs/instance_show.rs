//! `/instance show`: a service group's servers as they are now.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("show"),
    said: Said::fixed("Show a service group's servers as they are now", "查看服务组的服务器现状"),
    options: &[sql_submit::GROUP],
};
