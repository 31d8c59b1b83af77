//! The bot notes where a notice stands, and which version of it.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::{
    id::{NoticeId, is_discord_id},
    lang::said,
    wire::{
        notice::NoticePlace,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::notice;

/// Notes it.
pub async fn put(desk: &Desk, id: NoticeId, place: &NoticePlace) -> Result<(), Failure> {
    if ![&place.channel_id, &place.message_id].into_iter().all(|id| is_discord_id(id)) {
        return Err(Refusal::new(
            Code::Invalid,
            said!(
                "`channel_id` and `message_id` are Discord ids: up to 20 digits, as strings.",
                "`channel_id` 和 `message_id` 必须是 Discord ID：最多 20 位数字的字符串。"
            ),
        )
        .into());
    }
    if notice::put_place(&desk.store, id, place).await? {
        return Ok(());
    }
    Err(Refusal::new(Code::NotFound, said!("There is no notice {id}.", "没有通知 {id}。")).into())
}
