//! `/task show`: one task, to the asker only.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The task, shared with `/task log`.
pub(super) const TASK: Opt = Opt {
    name: "task",
    said: Said::fixed("Its number, such as K-42", "任务号，例如 K-42"),
    takes: Takes::Completed(Completes::Task),
    required: true,
};

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("show"),
    said: Said::fixed("Show one task", "查看一个任务"),
    options: &[TASK],
};
