//! `/emergency list`: those that are on or that nobody has looked at.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "emergency",
    name: Some("list"),
    said: Said::fixed("List the emergencies that are on or not reviewed", "查看进行中或未复核的紧急状态"),
    options: &[],
};
