//! `/cluster restart`: all servers, one after the other.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("restart"),
    said: Said::fixed(
        "Restart all servers, replicas first, as with a new minor version",
        "逐台重启服务器，从库先行，例如升级小版本之后",
    ),
    options: &[sql_submit::GROUP, part::REASON, part::MEANWHILE, sql_submit::TIME],
};
