//! `/emergency off`: an emergency ends before its time.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "emergency",
    name: Some("off"),
    said: Said::fixed("End an emergency", "结束紧急状态"),
    options: &[EMERGENCY],
};

/// Which emergency.
pub(super) const EMERGENCY: Opt = Opt {
    name: "emergency",
    said: Said::fixed("Its number, such as EM-42", "紧急状态编号，例如 EM-42"),
    takes: Takes::Completed(Completes::Emergency),
    required: true,
};
