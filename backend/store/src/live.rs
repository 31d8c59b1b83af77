//! The part of table `task` that tells how far running work is. The newest state only; it is no part of the log.

use crate::{Error, Pool, run::Lease, ticket::card};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
    wire::live::{LiveTicket, Progress},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// A state that is older is not shown any more.
const FRESH_S: u32 = 20;

/// Writes how far the statement in flight is. Behind a closed fence nothing is written: the heartbeat hears of that by itself.
pub async fn put(to: impl MySqlExecutor<'_>, lease: &Lease, progress: &Progress) -> Result<(), Error> {
    let json = serde_json::to_string(progress).map_err(|error| Error::Fault(error.into()))?;
    sqlx::query(
        "UPDATE task SET progress = ?, progress_at = UTC_TIMESTAMP(3) \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(json)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .execute(to)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    id: u64,
    task_id: u64,
    lang: String,
    card_channel: Option<String>,
    card_message: Option<String>,
    card_thread: Option<String>,
    told_entry: u64,
    last_entry: u64,
    progress: String,
}

/// Tickets that have a thread, whose work runs, and of which something was heard lately.
pub async fn page(pool: &Pool, limit: u32) -> Result<Vec<LiveTicket>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.id, k.id AS task_id, t.lang, t.card_channel, t.card_message, t.card_thread, t.told_entry, t.last_entry, k.progress \
         FROM task k JOIN ticket t ON t.id = k.ticket_id AND t.task_id = k.id WHERE k.state = 'running' \
         AND k.in_flight IS NOT NULL AND k.progress_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND \
         AND t.card_thread IS NOT NULL ORDER BY t.id LIMIT ?",
    )
    .bind(FRESH_S)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    // One that another program wrote keeps nobody from seeing the others.
    let read =
        |row| live(row).inspect_err(|error| tracing::warn!(%error, "how far a task is is not shown")).ok();
    Ok(rows.into_iter().filter_map(|row| read(row).flatten()).collect())
}

fn live(row: Row) -> Result<Option<LiveTicket>, Error> {
    let strange = |what: &str| Error::strange(format!("task {} has {what}", row.task_id));
    let progress =
        serde_json::from_str(&row.progress).map_err(|_| strange("progress that can not be read"))?;
    let lang = Lang::of_locale(&row.lang);
    let card = card(row.card_channel, row.card_message, row.card_thread, row.told_entry);
    let (ticket, task) = (TicketId(row.id), TaskId(row.task_id));
    let behind = row.told_entry < row.last_entry;
    Ok(card.map(|card| LiveTicket { ticket, task, lang, card, behind, progress }))
}

/// The newest state of a ticket's running work.
pub async fn of_ticket(pool: &Pool, ticket: TicketId) -> Result<Option<(TaskId, Progress)>, Error> {
    let row: Option<(u64, String)> = sqlx::query_as(
        "SELECT k.id, k.progress FROM task k JOIN ticket t ON t.task_id = k.id WHERE t.id = ? AND k.state = 'running' \
         AND k.in_flight IS NOT NULL AND k.progress_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND",
    )
    .bind(ticket.0)
    .bind(FRESH_S)
    .fetch_optional(pool)
    .await?;
    let Some((task, json)) = row else { return Ok(None) };
    let strange = || Error::strange(format!("task {task} has progress that can not be read"));
    Ok(Some((TaskId(task), serde_json::from_str(&json).map_err(|_| strange())?)))
}
