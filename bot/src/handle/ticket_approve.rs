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
    let Some(due) = ticket.due_at else {
        return said!("**{id}** is approved.", "**{id}** 已批准。");
    };
    let start = words::start(due, ticket.updated_at);
    Said {
        en: format!("**{id}** is approved. {}", start.en).into(),
        zh: format!("**{id}** 已批准。{}", start.zh).into(),
    }
}
