//! `/freeze off`: end a freeze before its time.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "freeze",
    name: Some("off"),
    said: Said::fixed("End a freeze", "解除冻结"),
    options: &[Opt {
        name: "freeze",
        said: Said::fixed("Its number, such as F-42", "冻结编号，例如 F-42"),
        takes: Takes::Completed(Completes::Freeze),
        required: true,
    }],
};
