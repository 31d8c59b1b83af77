//! Table `task`: what people want of a ticket's work. Of several lanes all are meant.

use crate::{Error, Tx};
use dbdesk_commands::{clock::Time, id::TaskId, wire::task::Priority};
use dbdesk_ticket::task::Wish;
use sqlx::AssertSqlSafe;

/// By which column all tasks are found that do the work which `id` stands for: itself, or every lane of the run that it leads.
pub(crate) async fn run_of(tx: &mut Tx, id: TaskId) -> Result<&'static str, Error> {
    let leads: Option<Option<u64>> = sqlx::query_scalar("SELECT lane_of FROM task WHERE id = ?")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(if leads.flatten() == Some(id.0) { "lane_of" } else { "id" })
}

/// Drops a task that no process has claimed. `false`: it was claimed, or ended, meanwhile.
pub async fn drop_unclaimed(tx: &mut Tx, id: TaskId, at: Time) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET state = 'cancelled', ended_at = ? WHERE {run} = ? AND state IN ('waiting', 'ready')"
    )))
    .bind(at)
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Makes a task due now that no process has claimed; whoever does offers it right after the commit. `false`: it was claimed, or ended, meanwhile.
pub async fn due_now(tx: &mut Tx, id: TaskId, at: Time) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET state = 'ready', wish = 'go', wish_by = 'person', wish_at = ?, due_at = LEAST(due_at, ?), \
         offered_at = IF(id = ?, ?, NULL) WHERE {run} = ? AND state IN ('waiting', 'ready')"
    )))
    .bind(at)
    .bind(at)
    .bind(id.0)
    .bind(at)
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Keeps a task from starting that no process has claimed. `false`: it was claimed, or ended, meanwhile.
pub async fn hold(tx: &mut Tx, id: TaskId) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET wish = 'pause', wish_by = 'person', wish_at = UTC_TIMESTAMP(3), waits = NULL \
         WHERE {run} = ? AND state IN ('waiting', 'ready')"
    )))
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether a person has asked it to hold, or its window is over, and not only its group is closed at this time.
pub(crate) async fn is_held_by_person(tx: &mut Tx, id: TaskId) -> Result<bool, Error> {
    let by: Option<String> = sqlx::query_scalar("SELECT wish_by FROM task WHERE id = ? AND wish = 'pause'")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(by.is_some_and(|by| by != "calendar"))
}

/// Lets a task start that was kept from it; what is ready is offered anew.
pub async fn release(tx: &mut Tx, id: TaskId) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET wish = 'go', wish_by = 'person', wish_at = UTC_TIMESTAMP(3), offered_at = NULL \
         WHERE {run} = ? AND state IN ('waiting', 'ready')"
    )))
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes what a person wants of a running task. A wish to end is never taken back. `false`: nothing runs, or it is to be
/// cancelled already.
pub async fn wish(tx: &mut Tx, id: TaskId, wish: Wish) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET wish = ?, wish_by = 'person', wish_at = UTC_TIMESTAMP(3) \
         WHERE {run} = ? AND state IN ('running', 'paused') AND wish <> 'cancel' AND (wish <> 'stop' OR ? = 'cancel')"
    )))
    .bind(wish.word())
    .bind(id.0)
    .bind(wish.word())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Moves a task before or behind others that no process has claimed; what is ready is offered anew. `false`: it was claimed, or
/// ended, meanwhile.
pub async fn prioritise(tx: &mut Tx, id: TaskId, priority: Priority) -> Result<bool, Error> {
    let run = run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET priority = ?, offered_at = NULL WHERE {run} = ? AND state IN ('waiting', 'ready')"
    )))
    .bind(priority.rank())
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What a person says of the statement in which a task was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It ran.
    Ran,
    /// The chunk of it that was under way did, and others are left.
    ChunkRan,
    /// It did not.
    NotRan,
}

/// Notes it. `false`: it is known by now, or was not lost.
pub async fn settle(tx: &mut Tx, id: TaskId, settled: Settled) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE task SET done = IF(?, in_flight + 1, done), in_flight = NULL \
         WHERE id = ? AND state = 'lost' AND in_flight IS NOT NULL",
    )
    .bind(settled == Settled::Ran)
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
