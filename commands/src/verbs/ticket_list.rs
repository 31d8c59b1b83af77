//! `/ticket list`: tickets, newest first, to the asker only.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "ticket",
    name: Some("list"),
    said: Said::fixed("List tickets", "列出工单"),
    options: &[Opt {
        name: "which",
        said: Said::fixed("Which ones: mine (default), open, all", "哪些：我的（默认）、未结束的、全部"),
        takes: Takes::OneOf(&[
            ("mine", Said::fixed("mine", "我的")),
            ("open", Said::fixed("open", "未结束的")),
            ("all", Said::fixed("all", "全部")),
        ]),
        required: false,
    }],
};
