//! `/proxy drain`: a server is asked for no new reads.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("drain"),
    said: Said::fixed("Send no new reads to a server", "不再向某个服务器发送新的读流量"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, part::PROXIES, sql_submit::TIME],
};
