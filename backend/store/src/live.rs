//! The part of table `task` that tells how far running work is. The newest state only; it is no part of the log.

use crate::{Error, Pool, run::Lease, shares, ticket::card};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::Lang,
    wire::live::{LiveTicket, Progress},
};
use sqlx::{FromRow, mysql::MySqlExecutor};
use std::collections::BTreeSet;

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
    is_lane: bool,
    lang: String,
    card_channel: Option<String>,
    card_message: Option<String>,
    card_thread: Option<String>,
    told_entry: u64,
    last_entry: u64,
    progress: String,
}

/// Tickets that have a thread, whose work runs, and of which something was heard lately; of several tasks beside each other, the first.
pub async fn page(pool: &Pool, limit: u32) -> Result<Vec<LiveTicket>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.id, k.id AS task_id, k.lane_of IS NOT NULL AS is_lane, t.lang, t.card_channel, t.card_message, t.card_thread, \
         t.told_entry, t.last_entry, k.progress FROM \
         (SELECT MIN(k.id) AS id FROM task k JOIN ticket t ON t.id = k.ticket_id AND t.task_id = COALESCE(k.lane_of, k.id) \
         WHERE k.state = 'running' AND k.in_flight IS NOT NULL AND k.progress_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND \
         AND t.card_thread IS NOT NULL GROUP BY t.id ORDER BY t.id LIMIT ?) heard \
         JOIN task k ON k.id = heard.id JOIN ticket t ON t.id = k.ticket_id ORDER BY t.id",
    )
    .bind(FRESH_S)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let spread: BTreeSet<_> = rows.iter().filter(|row| row.is_lane).map(|row| TicketId(row.id)).collect();
    // One that another program wrote keeps nobody from seeing the others.
    let read =
        |row| live(row).inspect_err(|error| tracing::warn!(%error, "how far a task is is not shown")).ok();
    let mut tickets: Vec<_> = rows.into_iter().filter_map(|row| read(row).flatten()).collect();
    let mut shares = shares::of(pool, &spread).await?;
    for ticket in &mut tickets {
        ticket.shares = shares.remove(&ticket.ticket).unwrap_or_default();
    }
    Ok(tickets)
}

fn live(row: Row) -> Result<Option<LiveTicket>, Error> {
    let progress = read(row.task_id, &row.progress)?;
    let lang = Lang::of_locale(&row.lang);
    let card = card(row.card_channel, row.card_message, row.card_thread, row.told_entry);
    let (ticket, task) = (TicketId(row.id), TaskId(row.task_id));
    let behind = row.told_entry < row.last_entry;
    Ok(card.map(|card| LiveTicket { ticket, task, lang, card, behind, progress, shares: Vec::new() }))
}

fn read(task: u64, progress: &str) -> Result<Progress, Error> {
    let strange = |_| Error::strange(format!("task {task} has progress that can not be read"));
    serde_json::from_str(progress).map_err(strange)
}

/// The newest state of a ticket's running work: of each of its tasks that run, in their order.
pub async fn of_ticket(pool: &Pool, ticket: TicketId) -> Result<Vec<(TaskId, Progress)>, Error> {
    let rows: Vec<(u64, String)> = sqlx::query_as(
        "SELECT k.id, k.progress FROM ticket t JOIN task k ON k.ticket_id = t.id AND t.task_id = COALESCE(k.lane_of, k.id) \
         WHERE t.id = ? AND k.state = 'running' AND k.in_flight IS NOT NULL \
         AND k.progress_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND ORDER BY k.id",
    )
    .bind(ticket.0)
    .bind(FRESH_S)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|(task, progress)| Ok((TaskId(task), read(task, &progress)?))).collect()
}
