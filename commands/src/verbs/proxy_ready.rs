//! `/proxy ready`: a server is asked for reads again.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "proxy",
    name: Some("ready"),
    said: Said::fixed("Send reads to a server again", "恢复向某个服务器发送读流量"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, part::PROXIES, sql_submit::TIME],
};
