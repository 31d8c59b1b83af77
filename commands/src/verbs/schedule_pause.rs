//! `/schedule pause`: a schedule files nothing until it is resumed.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The schedule, shared with `/schedule resume` and `/schedule remove`.
pub(super) const SCHEDULE: Opt = Opt {
    name: "schedule",
    said: Said::fixed("Its number, such as S-42", "周期工单编号，例如 S-42"),
    takes: Takes::Completed(Completes::Schedule),
    required: true,
};

/// The command.
pub const VERB: Verb = Verb {
    group: "schedule",
    name: Some("pause"),
    said: Said::fixed("Let a recurring ticket rest", "暂停周期工单"),
    options: &[SCHEDULE],
};
