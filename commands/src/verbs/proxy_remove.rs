//! `/proxy remove`: a server leaves the reading pool.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("remove"),
    said: Said::fixed("Take a server out of the reads", "把服务器移出读流量"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, part::PROXIES, sql_submit::TIME],
};
