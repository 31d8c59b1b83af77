//! `/schedule resume`: a paused schedule goes on with its next time.

use super::{Verb, schedule_pause};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "schedule",
    name: Some("resume"),
    said: Said::fixed("Let a recurring ticket go on", "恢复周期工单"),
    options: &[schedule_pause::SCHEDULE],
};
