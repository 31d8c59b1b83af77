//! Cancel: stopped after approval; what ran stays.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Danger,
    done: |ticket| {
        simply(
            ticket.id,
            "will stop after the statement that runs now; what ran stays.",
            "会在当前语句执行完后停止，已执行的不会撤销。",
        )
    },
};
