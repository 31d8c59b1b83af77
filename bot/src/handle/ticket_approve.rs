//! Approve: a DBA says yes to exactly these bytes.

use super::ButtonWords;
use crate::reply::words;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::TicketView,
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Success, done };

fn done(ticket: &TicketView) -> Said {
    let id = ticket.id;
    match ticket.due_at {
        Some(due) => {
            let (due, far) = (words::time(due), words::distance(due));
            said!(
                "**{id}** is approved. It starts {due} ({far}).",
                "**{id}** 已批准，开始时间 {due}（{far}）。"
            )
        }
        None => said!("**{id}** is approved.", "**{id}** 已批准。"),
    }
}
