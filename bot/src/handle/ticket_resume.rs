//! Resume: a DBA lets it go on.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Success,
    done: |ticket| simply(ticket.id, "goes on.", "继续执行。"),
};
