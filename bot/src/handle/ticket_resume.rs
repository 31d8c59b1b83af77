//! Resume: a DBA lets it start or go on.

use super::{ButtonWords, card_button::simply};
use crate::reply::words;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::{TicketState, TicketView},
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Success, done };

fn done(ticket: &TicketView) -> Said {
    let due = ticket.due_at.filter(|_| ticket.state == TicketState::Scheduled);
    let Some(due) = due else { return simply(ticket.id, "goes on.", "继续执行。") };
    let (id, Said { en, zh }) = (ticket.id, words::start(due, ticket.updated_at));
    said!("**{id}** is off hold. {en}", "**{id}** 已解除挂起。{zh}")
}
