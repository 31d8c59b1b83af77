//! `/freeze on`: nothing starts, in a group or anywhere.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "freeze",
    name: Some("on"),
    said: Said::fixed(
        "Let nothing start in a service group, or anywhere",
        "禁止在某个服务组或所有服务组执行变更",
    ),
    options: &[
        Opt {
            name: "group",
            said: Said::fixed("Which service group, or all", "哪个服务组；all 表示全部"),
            takes: Takes::Completed(Completes::ServiceGroup),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for those who wait", "原因，给等待执行的人看"),
            takes: Takes::Text(500),
            required: true,
        },
        Opt {
            name: "until",
            said: Said::fixed(
                "Until when, such as 2026-11-23 02:00; left out, until somebody ends it",
                "到什么时候，例如 2026-11-23 02:00；不填则直到有人解除",
            ),
            takes: Takes::Text(60),
            required: false,
        },
    ],
};
