//! Cancel: stopped after approval; what ran stays.

use super::{ButtonWords, card_button::simply};
use dbdesk_commands::{
    lang::Said,
    wire::ticket::{TicketState, TicketView},
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Danger, done };

fn done(ticket: &TicketView) -> Said {
    if ticket.state == TicketState::Cancelled {
        return simply(ticket.id, "is cancelled.", "已取消。");
    }
    simply(
        ticket.id,
        "will stop after the statement that runs now; what ran stays.",
        "会在当前语句执行完后停止，已执行的不会撤销。",
    )
}
