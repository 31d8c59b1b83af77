//! `/delegate list`: who stands in for whom.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "delegate",
    name: Some("list"),
    said: Said::fixed("List who stands in for you, and for whom you stand in", "查看谁代理你、你代理谁"),
    options: &[],
};
