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
    match ticket.state {
        TicketState::Cancelled => simply(ticket.id, "is cancelled.", "已取消。"),
        TicketState::Paused => simply(ticket.id, "stops; what ran stays.", "正在停止，已执行的不会撤销。"),
        _ => simply(
            ticket.id,
            "stops now: the statement that runs is interrupted and rolled back; what ran before it stays.",
            "正在停止：当前语句会被中断并回滚，之前已执行的不会撤销。",
        ),
    }
}
