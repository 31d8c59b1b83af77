//! Apply fixes: the requester takes over what the review can mend for certain.

use super::ButtonWords;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::TicketView,
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Success, done };

/// What was done.
#[must_use]
pub fn done(ticket: &TicketView) -> Said {
    let (id, revision) = (ticket.id, ticket.revision);
    said!(
        "The fixes are applied to **{id}**: revision {revision}. Its thread shows what changed.",
        "已对 **{id}** 应用修复：第 {revision} 版。改动见工单的子区。"
    )
}
