//! `/help`: what the desk can do.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "help",
    name: None,
    said: Said::fixed("What the desk can do for you", "工单台能帮你做什么"),
    options: &[],
};
