//! `/ticket withdraw`: take one's own ticket back before it runs.

use super::{Verb, ticket_show};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "ticket",
    name: Some("withdraw"),
    said: Said::fixed("Take your ticket back before it runs", "在执行前撤回你的工单"),
    options: &[ticket_show::TICKET],
};
