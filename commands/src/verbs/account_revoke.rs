//! `/account revoke`

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "account",
    name: Some("revoke"),
    said: Said::fixed(
        "End an account: locked at once, removed after some days",
        "停用账号：立即锁定，过些天删除",
    ),
    options: &[
        Opt {
            name: "account",
            said: Said::fixed("Its number, such as A-42", "账号编号，例如 A-42"),
            takes: Takes::Completed(Completes::Account),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: false,
        },
    ],
};
