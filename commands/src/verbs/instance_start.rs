//! `/instance start`: a server is started.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("start"),
    said: Said::fixed("Start a server", "启动服务器"),
    options: &[sql_submit::GROUP, part::SERVER, part::REASON, sql_submit::TIME],
};
