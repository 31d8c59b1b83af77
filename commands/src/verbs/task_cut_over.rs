//! `/task cut-over`: a DBA says when the copy of a table that is changed online takes the table's place.

use super::{Opt, Takes, Verb, ticket_show};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "task",
    name: Some("cut-over"),
    said: Said::fixed(
        "When a running online change takes the table's place; a DBA decides",
        "在线变更何时切换到新表，由 DBA 决定",
    ),
    options: &[
        ticket_show::TICKET,
        Opt {
            name: "when",
            said: Said::fixed("When, once all rows are copied", "数据全部拷贝之后，何时切换"),
            takes: Takes::OneOf(&[
                ("now", Said::fixed("at once", "立即")),
                ("quiet", Said::fixed("in a quiet window", "低峰期")),
                ("hold", Said::fixed("when a DBA presses Cut over", "等 DBA 点“切换”")),
            ]),
            required: true,
        },
    ],
};
