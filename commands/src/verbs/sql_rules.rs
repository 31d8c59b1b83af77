//! `/sql rules`: the rules of the review, or the page of one, answered only to the asker.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "sql",
    name: Some("rules"),
    said: Said::fixed("What the review checks, and what to do about it", "审核检查哪些规则，该怎么改"),
    options: &[
        Opt {
            name: "name",
            said: Said::fixed(
                "A rule's name, or words to search for; left out, all rules are listed",
                "规则名，或用来搜索的词；不填则列出全部规则",
            ),
            takes: Takes::Completed(Completes::Rule),
            required: false,
        },
        Opt {
            name: "group",
            said: Said::fixed("As they are in force for this service group", "按这个服务组的设置显示"),
            takes: Takes::Completed(Completes::ServiceGroup),
            required: false,
        },
    ],
};
