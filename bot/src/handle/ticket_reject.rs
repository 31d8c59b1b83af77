//! Reject: a DBA says no, with a reason.

use super::{ButtonWords, card_button::simply};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Danger,
    done: |ticket| {
        simply(ticket.id, "is rejected; the requester reads your reason.", "已驳回，申请人会看到你写的原因。")
    },
};
