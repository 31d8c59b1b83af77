//! `/dns show`: a service group's names.

use super::{Verb, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "dns",
    name: Some("show"),
    said: Said::fixed("Show a service group's names and where they lead", "查看服务组的域名及解析"),
    options: &[sql_submit::GROUP],
};
