//! `/task throttle`: a DBA sets how much lag and load running work may meet before it waits.

use super::{Opt, Takes, Verb, ticket_show};
use crate::lang::Said;

/// Characters of a number.
pub const NUMBER: u16 = 10;

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("throttle"),
    said: Said::fixed(
        "Set the lag and load above which a running online change waits; a DBA decides",
        "设置在线变更的延迟和负载上限，超过就等待；由 DBA 决定",
    ),
    options: &[
        ticket_show::TICKET,
        Opt {
            name: "lag",
            said: Said::fixed(
                "Seconds that a replica may be behind; empty: as configured",
                "从库延迟的上限（秒）；不填则按配置",
            ),
            takes: Takes::Text(NUMBER),
            required: false,
        },
        Opt {
            name: "load",
            said: Said::fixed(
                "Threads that may run on the primary; empty: as configured",
                "主库活跃线程的上限；不填则按配置",
            ),
            takes: Takes::Text(NUMBER),
            required: false,
        },
    ],
};
