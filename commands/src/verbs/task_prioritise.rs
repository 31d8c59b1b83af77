//! `/task prioritise`: a DBA moves a ticket before or behind others that are due.

use super::{Opt, Takes, Verb, ticket_show};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("prioritise"),
    said: Said::fixed(
        "Which of the tickets that are due starts first; a DBA decides",
        "调整到期工单的先后，由 DBA 决定",
    ),
    options: &[
        ticket_show::TICKET,
        Opt {
            name: "priority",
            said: Said::fixed("Before or behind others", "先于还是后于其他任务"),
            takes: Takes::OneOf(&[
                ("high", Said::fixed("high", "高")),
                ("normal", Said::fixed("normal", "普通")),
                ("low", Said::fixed("low", "低")),
            ]),
            required: true,
        },
    ],
};
