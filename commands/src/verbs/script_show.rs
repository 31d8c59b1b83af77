//! `/script show`: what a script does, who may run it, its parameters; answered only to the asker.

use super::{Verb, script_run};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "script",
    name: Some("show"),
    said: Said::fixed("What a script does, and what it takes", "脚本的作用和参数"),
    options: &[script_run::NAME],
};
