//! `/schedule list`: recurring tickets, to the asker only.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "schedule",
    name: Some("list"),
    said: Said::fixed("List recurring tickets", "查看周期工单"),
    options: &[Opt {
        name: "which",
        said: Said::fixed("Which ones: mine (default), all", "哪些：我的（默认）、全部"),
        takes: Takes::OneOf(&[("mine", Said::fixed("mine", "我的")), ("all", Said::fixed("all", "全部"))]),
        required: false,
    }],
};
