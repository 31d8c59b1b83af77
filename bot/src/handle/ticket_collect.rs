//! The password is handed over, to the one who asked for it alone.

use super::ButtonWords;
use dbdesk_commands::{
    lang::{Said, said},
    wire::ticket::TicketView,
};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords { style: ButtonStyle::Primary, done };

/// What was done, where the password itself is not at hand any more.
#[must_use]
pub fn done(ticket: &TicketView) -> Said {
    said!(
        "The password of **{id}** was handed over already. If it did not reach you, ask for another with `/account rotate`.",
        "**{id}** 的密码已经领取过。如果没有收到，请用 `/account rotate` 更换密码。",
        id = ticket.id
    )
}
