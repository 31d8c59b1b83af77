//! `/emergency on`: a DBA acts without approval on one service group for a while, loudly.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "emergency",
    name: Some("on"),
    said: Said::fixed(
        "Act without approval on a service group for a while, loudly; for its DBAs",
        "在一段时间内无需审批操作某个服务组（会发出告警），仅限其 DBA",
    ),
    options: &[
        Opt {
            name: "group",
            said: Said::fixed("Which service group", "哪个服务组"),
            takes: Takes::Completed(Completes::ServiceGroup),
            required: true,
        },
        Opt {
            name: "reason",
            said: Said::fixed("What happens, for those who are alarmed", "发生了什么，给收到告警的人看"),
            takes: Takes::Text(1_000),
            required: true,
        },
    ],
};
