//! A ticket is filed that lets an account live on.

use super::ButtonWords;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::TicketView,
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Secondary, done };

/// What was done.
#[must_use]
pub fn done(filed: &TicketView) -> Said {
    said!(
        "**{id}** is filed: the account lives on with it.",
        "已提交 **{id}**，用于账号续期。",
        id = filed.id
    )
}
