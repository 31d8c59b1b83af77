//! `/schedule remove`: a schedule is removed.

use super::{Verb, schedule_pause};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "schedule",
    name: Some("remove"),
    said: Said::fixed("Remove a recurring ticket; what it filed stays", "删除周期工单；已提交的工单不受影响"),
    options: &[schedule_pause::SCHEDULE],
};
