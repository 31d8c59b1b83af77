//! `/emergency review`: somebody else has looked at what was done in an emergency.

use super::{Opt, Takes, Verb, emergency_off::EMERGENCY};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "emergency",
    name: Some("review"),
    said: Said::fixed(
        "Say that you have looked at what was done in another one's emergency",
        "复核他人紧急状态期间的操作",
    ),
    options: &[
        EMERGENCY,
        Opt {
            name: "text",
            said: Said::fixed("What you found", "复核结论"),
            takes: Takes::Text(1_000),
            required: true,
        },
    ],
};
