//! `/instance parameters`: options of one server.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "instance",
    name: Some("parameters"),
    said: Said::fixed("Set options of one server, without a restart", "修改单个服务器的参数（不重启）"),
    options: &[sql_submit::GROUP, part::SERVER, part::VALUES, part::REASON, sql_submit::TIME],
};
