//! `/account list`

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "account",
    name: Some("list"),
    said: Said::fixed(
        "List accounts: yours, your team's, and those you look after",
        "查看账号：自己的、团队的、以及你负责的",
    ),
    options: &[
        Opt {
            name: "which",
            said: Said::fixed(
                "Which ones: all that you see (default), mine, or also those that are gone",
                "哪些：可见的全部（默认）、我的、包括已删除的",
            ),
            takes: Takes::OneOf(&[
                ("all", Said::fixed("all", "全部")),
                ("mine", Said::fixed("mine", "我的")),
                ("gone", Said::fixed("also gone", "包括已删除")),
            ]),
            required: false,
        },
        Opt {
            name: "group",
            said: Said::fixed("Only of this service group", "仅此服务组"),
            takes: Takes::Completed(Completes::ServiceGroup),
            required: false,
        },
    ],
};
