//! Tasks of which nobody knows whether their last statement ran, until somebody has looked.

use crate::{Error, Pool, begin, chunk, entry, ticket};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{
        entry::{Event, Ran},
        person::Actor,
    },
};
use sqlx::FromRow;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Lost {
    id: u64,
    ticket_id: u64,
    service_group_id: u64,
    /// Its statement, from 0.
    pub in_flight: u32,
    /// Which revision of the SQL.
    pub revision: u32,
    /// Where, `host:port`.
    pub instance: String,
    /// The target's number of the connection.
    pub connection_id: u64,
    /// When it was told as lost.
    pub ended_at: Time,
}

impl Lost {
    /// The task.
    #[must_use]
    pub fn task(&self) -> TaskId {
        TaskId(self.id)
    }

    /// Its ticket.
    #[must_use]
    pub fn ticket(&self) -> TicketId {
        TicketId(self.ticket_id)
    }

    /// On whose servers.
    #[must_use]
    pub fn group(&self) -> GroupId {
        GroupId(self.service_group_id)
    }
}

/// Those that were lost since `since`, that nobody has looked at, and of which something was kept to tell by; at most `limit`.
pub async fn unsettled(pool: &Pool, since: Time, limit: u32) -> Result<Vec<Lost>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.id, t.ticket_id, t.service_group_id, t.in_flight, t.revision, t.instance, t.connection_id, t.ended_at FROM task t \
         WHERE t.state = 'lost' AND t.in_flight IS NOT NULL AND t.instance IS NOT NULL AND t.connection_id IS NOT NULL AND t.ended_at > ? \
         AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.ticket_id = t.ticket_id AND e.task_id = t.id \
         AND JSON_VALUE(e.event, '$.kind') = 'found') AND ( \
         EXISTS (SELECT 1 FROM definition d WHERE d.task_id = t.id AND d.statement = t.in_flight) \
         OR EXISTS (SELECT 1 FROM set_aside a WHERE a.task_id = t.id AND a.statement = t.in_flight) \
         OR EXISTS (SELECT 1 FROM entry e WHERE e.ticket_id = t.ticket_id AND e.task_id = t.id \
         AND JSON_VALUE(e.event, '$.kind') = 'statement_started' AND JSON_VALUE(e.event, '$.kept') IN ('true', '1'))) \
         ORDER BY t.id LIMIT ?",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(pool)
    .await?)
}

/// Tells what was found, once.
pub async fn found(pool: &Pool, lost: &Lost, event: &Event, at: Time) -> Result<(), Error> {
    let mut tx = begin(pool).await?;
    let Some(row) = ticket::lock(&mut tx, lost.ticket()).await? else { return Ok(()) };
    let told: Option<i32> = sqlx::query_scalar(
        "SELECT 1 FROM entry WHERE ticket_id = ? AND task_id = ? AND JSON_VALUE(event, '$.kind') = 'found' LIMIT 1",
    )
    .bind(lost.ticket_id)
    .bind(lost.id)
    .fetch_optional(&mut *tx)
    .await?;
    if told.is_none() {
        if let Event::Found { index, ran: Ran::Yes, chunk: true, .. } = event {
            chunk::ran(&mut *tx, lost.task(), *index).await?;
        }
        entry::append(&mut tx, &row, Some(lost.task()), &Actor::Desk, at, event, None).await?;
        tx.commit().await?;
    }
    Ok(())
}
