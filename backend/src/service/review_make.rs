//! The same review as for a ticket; nothing is filed.

use super::{
    Caller, Failure, Once,
    reviewing::{database, group, review},
    spread::written,
};
use crate::desk::Desk;
use dbdesk_commands::{
    lang::said,
    wire::{
        problem::{Code, Refusal},
        review::{ReviewRequest, StatementReview},
    },
};
use dbdesk_store::begin;

/// Reviews it, in the caller's language.
pub async fn make(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: ReviewRequest,
) -> Result<Vec<StatementReview>, Failure> {
    let place = match &body.service_group {
        Some(name) => Some(group(desk, caller.within(), name).await?.group),
        None => None,
    };
    match (&place, &body.database) {
        (Some(place), Some(name)) => database(place, name)?,
        (None, Some(_)) => {
            return Err(Refusal::new(
                Code::Invalid,
                said!(
                    "`database` needs `service_group` beside it: a database is one of a service group.",
                    "写了 `database` 就必须同时写 `service_group`：数据库属于服务组。"
                ),
            )
            .into());
        }
        (_, None) => {}
    }
    let written = written(desk, body.sql, place.as_ref().zip(body.database.as_deref())).await?;
    let mut reviewed =
        review(desk, caller.within(), &written.sql, place.as_ref(), body.database.as_deref()).await?;
    // The asker has only the text that he sent.
    written.put_back(&mut reviewed.judged);
    if once.key.is_some() {
        let mut tx = begin(&desk.store).await?;
        once.claim(&mut tx, 200, desk.clock.now()).await?;
        desk.commit(tx).await?;
    }
    Ok(reviewed.judged.in_lang(caller.lang))
}
