//! Try again: a DBA has it tried again, from the statement that failed or was next.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Primary,
    done: |ticket| simply(ticket.id, "is tried again now.", "马上重试。"),
};
