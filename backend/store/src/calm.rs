//! Running work and the calendar: what holds because its group is closed or its window is over, and what goes on.

use crate::{Error, Pool, begin, closed::waits, entry, freeze, run::Lease, ticket};
use dbdesk_cmdb::{
    GroupId, ServiceGroup,
    calendar::{self, Freeze},
};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    when::When,
    wire::{entry::Event, person::Actor},
};
use sqlx::FromRow;

/// Most running tasks that one look takes in.
const MOST: u32 = 5_000;

#[derive(FromRow)]
struct Row {
    id: u64,
    ticket_id: u64,
    epoch: u64,
    wish: String,
    wish_by: String,
    wish_at: Option<Time>,
    group_id: u64,
    spec: String,
    when_asked: String,
}

/// A change that the calendar wants of a running task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    lease: Lease,
    event: Event,
}

/// What the calendar wants of what runs now. One look where no group has peak hours, nothing is frozen and nothing has a window.
pub async fn turns(pool: &Pool, now: Time) -> Result<Vec<Turn>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.id, t.ticket_id, t.epoch, t.wish, t.wish_by, t.wish_at, g.id AS group_id, g.spec, k.when_asked \
         FROM task t JOIN ticket k ON k.id = t.ticket_id JOIN service_group g ON g.id = t.service_group_id \
         WHERE t.state IN ('running', 'paused') AND (JSON_CONTAINS_PATH(g.spec, 'one', '$.peak') OR k.when_asked LIKE '%/%' \
         OR t.wish_by = 'calendar' OR EXISTS (SELECT 1 FROM freeze f WHERE f.ended_at IS NULL)) LIMIT ?",
    )
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let freezes: Vec<Freeze> = freeze::in_force(pool, now).await?.into_iter().map(|row| row.freeze).collect();
    rows.into_iter().filter_map(|row| turn(&row, &freezes, now).transpose()).collect()
}

fn turn(row: &Row, freezes: &[Freeze], now: Time) -> Result<Option<Turn>, Error> {
    let group: ServiceGroup = serde_json::from_str(&row.spec).map_err(|error| Error::Fault(error.into()))?;
    let leave = row.wish_at.filter(|_| row.wish_by == "person");
    let closed = calendar::keeps(GroupId(row.group_id), &group, freezes, leave, now);
    let over = match When::of_text(&row.when_asked) {
        Some(When::Between { to, .. }) if to <= now && leave.is_none_or(|leave| leave < to) => Some(to),
        _ => None,
    };
    let event = match (row.wish.as_str(), over, closed) {
        ("go", Some(at), _) => Event::WindowOver { at },
        ("go", None, Some(closed)) => Event::Holds { waits: waits(closed) },
        ("pause", None, None) if row.wish_by == "calendar" => Event::Opens,
        _ => return Ok(None),
    };
    let (task, ticket) = (TaskId(row.id), TicketId(row.ticket_id));
    Ok(Some(Turn { lease: Lease { task, ticket, epoch: row.epoch }, event }))
}

/// Leaves the wish and tells it; gives whether that was still wanted.
pub async fn take(pool: &Pool, turn: &Turn, at: Time) -> Result<Option<TicketId>, Error> {
    let Turn { lease, event } = turn;
    let (to, from, by) = match event {
        Event::Opens => ("go", "pause", "calendar"),
        // Nobody but a person lets it go on after its window.
        Event::WindowOver { .. } => ("pause", "go", "window"),
        _ => ("pause", "go", "calendar"),
    };
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(None) };
    let done = sqlx::query(
        "UPDATE task SET wish = ?, wish_by = ?, wish_at = UTC_TIMESTAMP(3) \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND wish = ? AND (? <> 'go' OR wish_by = 'calendar')",
    )
    .bind(to)
    .bind(by)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(from)
    .bind(to)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(None);
    }
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Some(ticket.id))
}
