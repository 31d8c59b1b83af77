//! Run now: a DBA starts it now instead of at its time.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Primary,
    done: |ticket| simply(ticket.id, "starts now.", "马上开始执行。"),
};
