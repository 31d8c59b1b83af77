//! Pause: a DBA holds it between two statements.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Secondary,
    done: |ticket| {
        simply(ticket.id, "will hold after the statement that runs now.", "会在当前语句执行完后暂停。")
    },
};
