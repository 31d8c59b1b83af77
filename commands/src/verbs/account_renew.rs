//! `/account renew`

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "account",
    name: Some("renew"),
    said: Said::fixed("Let an account live on", "账号续期"),
    options: &[
        Opt {
            name: "account",
            said: Said::fixed("Its number, such as A-42", "账号编号，例如 A-42"),
            takes: Takes::Completed(Completes::Account),
            required: true,
        },
        Opt {
            name: "until",
            said: Said::fixed(
                "Until when: 90d, or a date; left out, as long again",
                "有效期：90d 或日期；不填则延长同样的时间",
            ),
            takes: Takes::Text(40),
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
