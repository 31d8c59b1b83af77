//! Throttle: a DBA sets how much lag and load running work may meet before it waits.

use super::ButtonWords;
use crate::reply::steering;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::TicketView,
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Secondary, done };

/// What was done.
#[must_use]
pub fn done(ticket: &TicketView) -> Said {
    let (id, Said { en, zh }) = (ticket.id, steering::limits(ticket.throttle));
    said!(
        "**{id}** waits above these limits from now on: {en}.",
        "**{id}** 从现在起超过以下上限就等待：{zh}。"
    )
}
