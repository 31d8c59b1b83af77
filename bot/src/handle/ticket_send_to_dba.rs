//! Send to a DBA: the requester sends it on although a rule failed.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Primary,
    done: |ticket| simply(ticket.id, "is with the DBAs now.", "已转交给 DBA。"),
};
