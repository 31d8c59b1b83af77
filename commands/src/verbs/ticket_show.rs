//! `/ticket show`: one ticket, to the asker only.

use super::{Completes, Opt, Takes, Verb};
use crate::lang::Said;

/// The ticket, shared with `/ticket withdraw`.
pub(super) const TICKET: Opt = Opt {
    name: "ticket",
    said: Said::fixed("Its number, such as T-42", "工单号，例如 T-42"),
    takes: Takes::Completed(Completes::Ticket),
    required: true,
};

/// The command.
pub const VERB: Verb = Verb {
    group: "ticket",
    name: Some("show"),
    said: Said::fixed("Show one ticket", "查看一个工单"),
    options: &[TICKET],
};
