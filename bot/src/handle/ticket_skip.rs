//! It ran: a DBA says that the statement ran in which a ticket was lost.

use super::{ButtonWords, card_button::simply};
use dbdesk_commands::wire::ticket::TicketState;
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Secondary,
    done: |ticket| match ticket.state {
        TicketState::Done => {
            simply(ticket.id, "is done: that was its last statement.", "已完成：那是最后一条语句。")
        }
        _ => simply(ticket.id, "goes on after that statement.", "从那条语句之后继续执行。"),
    },
};
