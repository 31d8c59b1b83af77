//! `/link`: a Discord user says which person of the desk he is. The only command, beside `/help`, of those who are not linked.

use super::{Opt, Takes, Verb};
use crate::lang::Said;

/// The command.
pub const VERB: Verb = Verb {
    group: "link",
    name: None,
    said: Said::fixed("Tell the desk who you are; an admin confirms it", "告诉工单台你是谁，由管理员确认"),
    options: &[Opt {
        name: "name",
        said: Said::fixed("Your name in the desk, such as ann", "你在工单台的名字，例如 ann"),
        takes: Takes::Text(64),
        required: true,
    }],
};
