//! `/delegate end`: nobody stands in any more.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "delegate",
    name: Some("end"),
    said: Said::fixed("End a delegation before its time", "提前结束代理"),
    options: &[Opt {
        name: "delegation",
        said: Said::fixed("Its number, such as D-42", "代理编号，例如 D-42"),
        takes: Takes::Completed(Completes::Delegation),
        required: true,
    }],
};
