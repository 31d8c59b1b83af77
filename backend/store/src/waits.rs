//! Why a task that is due does not start: kept in its row, and told in its ticket's log.

use crate::{Error, Pool, begin, entry, task, ticket};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{entry::Event, person::Actor, waits::Waits},
};

/// Notes what a ready task waits for. The log is told of it once; of turns that it waits for only the first, since they change
/// from moment to moment. Gives the ticket where its log grew.
pub async fn note(pool: &Pool, id: TaskId, waits: &Waits, at: Time) -> Result<Option<TicketId>, Error> {
    let Some(before) = task::get(pool, id).await? else { return Ok(None) };
    if before.waits.as_ref() == Some(waits) {
        return Ok(None);
    }
    let text = serde_json::to_string(waits).map_err(|error| Error::Fault(error.into()))?;
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, before.ticket).await? else { return Ok(None) };
    let noted = sqlx::query(
        "UPDATE task SET waits = ? WHERE id = ? AND state = 'ready' AND (waits IS NULL OR waits <> ?)",
    )
    .bind(&text)
    .bind(id.0)
    .bind(&text)
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(None);
    }
    let tells = before.waits.is_none() || !waits.is_a_turn();
    if tells {
        let event = Event::Waits { waits: waits.clone() };
        entry::append(&mut tx, &ticket, Some(id), &Actor::Desk, at, &event, None).await?;
    }
    tx.commit().await?;
    Ok(tells.then_some(ticket.id))
}
