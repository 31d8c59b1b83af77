//! Undo: the requester or a DBA files a ticket that takes this one back.

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
    let id = filed.id;
    match filed.takes_back {
        Some(before) => said!(
            "**{id}** is filed: it takes **{before}** back. Nothing is changed until a second person has approved it.",
            "已提交 **{id}**，用来撤销 **{before}**。另一位有权限的人批准之前，不会作任何修改。"
        ),
        None => said!("**{id}** is filed.", "已提交 **{id}**。"),
    }
}
