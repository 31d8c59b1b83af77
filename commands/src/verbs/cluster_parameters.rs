//! `/cluster parameters`: options of all servers.

use super::{Verb, part, sql_submit};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "cluster",
    name: Some("parameters"),
    said: Said::fixed(
        "Set options of all servers, one after the other, replicas first",
        "逐台修改参数，从库先行",
    ),
    options: &[sql_submit::GROUP, part::VALUES, part::REASON, part::MEANWHILE, sql_submit::TIME],
};
