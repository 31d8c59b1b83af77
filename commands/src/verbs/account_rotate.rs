//! `/account rotate`

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "account",
    name: Some("rotate"),
    said: Said::fixed(
        "Give an account another password; the old one goes on for a while",
        "更换账号密码，旧密码短期内仍可用",
    ),
    options: &[
        Opt {
            name: "account",
            said: Said::fixed("Its number, such as A-42", "账号编号，例如 A-42"),
            takes: Takes::Completed(Completes::Account),
            required: true,
        },
        Opt {
            name: "hash",
            said: Said::fixed(
                "The hash of a password of your own; never a password. Left out, the desk makes one",
                "自有密码的哈希（不要填密码本身）；不填则由工单台生成",
            ),
            takes: Takes::Text(200),
            required: false,
        },
        Opt {
            name: "reason",
            said: Said::fixed("Why, for the one who approves", "原因，给审批人看"),
            takes: Takes::Text(500),
            required: false,
        },
    ],
};
