//! `/proxy hold`: new connections for writes wait.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("hold"),
    said: Said::fixed("Hold new connections for writes at a proxy", "在代理上暂停新的写连接"),
    options: &[sql_submit::GROUP, part::REASON, part::PROXY, sql_submit::TIME],
};
