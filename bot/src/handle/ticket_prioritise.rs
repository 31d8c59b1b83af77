//! Set priority: a DBA moves it before or behind others, by `/task prioritise`.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Secondary,
    done: |ticket| simply(ticket.id, "has its new priority.", "已调整优先级。"),
};
