//! `/task log`: what happened to a task and what its process said, to the asker only.

use super::{Verb, task_show};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("log"),
    said: Said::fixed("What happened to a task, and what its process said", "任务的经过和执行进程的日志"),
    options: &[task_show::TASK],
};
