//! `/instance stop`: a server is shut down.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("stop"),
    said: Said::fixed("Shut a server down", "停止服务器"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, sql_submit::TIME],
};
