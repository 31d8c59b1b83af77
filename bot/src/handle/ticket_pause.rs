//! Pause: a DBA keeps it from starting, or holds it between two statements.

use super::{ButtonWords, card_button::simply};
use dbdesk_commands::{
    lang::Said,
    wire::ticket::{TicketState, TicketView},
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Secondary, done };

fn done(ticket: &TicketView) -> Said {
    match ticket.state {
        TicketState::Held => simply(ticket.id, "does not start until it is resumed.", "在恢复之前不会开始。"),
        _ => simply(ticket.id, "will hold after the statement that runs now.", "会在当前语句执行完后暂停。"),
    }
}
