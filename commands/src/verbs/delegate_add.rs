//! `/delegate add`: somebody stands in while one is away.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "delegate",
    name: Some("add"),
    said: Said::fixed("Let somebody approve in your place while you are away", "离开期间由他人代你审批"),
    options: &[
        Opt {
            name: "to",
            said: Said::fixed("Who stands in", "由谁代理"),
            takes: Takes::User,
            required: true,
        },
        Opt {
            name: "until",
            said: Said::fixed(
                "Until when, such as 2026-11-30 08:00 (UTC)",
                "到什么时候，例如 2026-11-30 08:00（UTC）",
            ),
            takes: Takes::Text(60),
            required: true,
        },
        Opt { name: "reason", said: Said::fixed("Why", "原因"), takes: Takes::Text(500), required: true },
        Opt {
            name: "from",
            said: Said::fixed(
                "From when, likewise; left out, from now on",
                "从什么时候起，写法相同；不填则从现在起",
            ),
            takes: Takes::Text(60),
            required: false,
        },
        Opt {
            name: "person",
            said: Said::fixed("Who is away, if not you; for admins", "谁离开（不是本人时），仅限管理员"),
            takes: Takes::User,
            required: false,
        },
    ],
};
