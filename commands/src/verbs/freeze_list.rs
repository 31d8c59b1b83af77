//! `/freeze list`: the freezes in force, to the asker only.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "freeze",
    name: Some("list"),
    said: Said::fixed("List the freezes in force", "查看生效中的冻结"),
    options: &[],
};
