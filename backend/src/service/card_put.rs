//! The bot notes where a ticket's card is and how much of the story stands there.

use super::{Failure, refuse};
use crate::desk::Desk;
use dbdesk_commands::{
    id::{TicketId, is_discord_id},
    lang::said,
    wire::{
        card::CardPlace,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::ticket;

/// Notes it.
pub async fn put(desk: &Desk, id: TicketId, place: &CardPlace) -> Result<(), Failure> {
    let ids = [Some(&place.channel_id), Some(&place.message_id), place.thread_id.as_ref()];
    if !ids.into_iter().flatten().all(|id| is_discord_id(id)) {
        return Err(Refusal::new(
            Code::Invalid,
            said!(
                "`channel_id`, `message_id` and `thread_id` are Discord ids: up to 20 digits, as strings.",
                "`channel_id`、`message_id` 和 `thread_id` 必须是 Discord ID：最多 20 位数字的字符串。"
            ),
        )
        .into());
    }
    if ticket::put_card(&desk.store, id, place).await? { Ok(()) } else { Err(refuse::no_ticket(id).into()) }
}
