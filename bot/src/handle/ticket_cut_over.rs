//! Cut over: a DBA lets the copy of a table take the table's place.

use super::{ButtonWords, card_button::simply};
use dbdesk_commands::{
    lang::Said,
    wire::{cut_over::CutOver, ticket::TicketView},
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Success, done };

/// What was done.
#[must_use]
pub fn done(ticket: &TicketView) -> Said {
    match ticket.task.as_ref().and_then(|task| task.cut_over) {
        Some(CutOver::Quiet) => simply(
            ticket.id,
            "cuts over in a quiet window, once all rows are copied.",
            "数据全部拷贝之后，在低峰期切换。",
        ),
        _ => simply(ticket.id, "cuts over as soon as all rows are copied.", "数据全部拷贝之后立即切换。"),
    }
}
