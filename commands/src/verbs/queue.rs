//! `/queue`: what waits, what runs, and where, to the asker only.

use super::Verb;
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "queue",
    name: None,
    said: Said::fixed("What waits, what runs, and on which machine", "正在等待和执行的任务，以及所在机器"),
    options: &[],
};
