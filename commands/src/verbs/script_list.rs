//! `/script list`: the scripts that the asker may run, answered only to him.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "script",
    name: Some("list"),
    said: Said::fixed("The scripts that you may run", "你可以运行的脚本"),
    options: &[],
};
