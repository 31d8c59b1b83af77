//! The part of table `task` that says when the copy of a table takes the table's place. It is of this task only: a new try begins
//! without.

use crate::{
    Error, Pool, Tx,
    run::{Fence, Lease, holds},
    task, task_wish,
};
use dbdesk_commands::{id::TaskId, wire::cut_over::CutOver};
use sqlx::AssertSqlSafe;

/// Notes when, as a DBA says. `false`: it ended, is to be cancelled, or does so already.
pub async fn ask(tx: &mut Tx, id: TaskId, when: CutOver) -> Result<bool, Error> {
    let run = task_wish::run_of(tx, id).await?;
    let done = sqlx::query(AssertSqlSafe(format!(
        "UPDATE task SET cut_over = ? WHERE {run} = ? AND state IN ('waiting', 'ready', 'running', 'paused') AND wish <> 'cancel' \
         AND cuts_over = 0"
    )))
    .bind(when.word())
    .bind(id.0)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Lanes that were opened just now keep what was said of the run.
pub(crate) async fn inherit(tx: &mut Tx, lead: TaskId) -> Result<(), Error> {
    sqlx::query(
        "UPDATE task lane JOIN task lead ON lead.id = lane.lane_of SET lane.cut_over = lead.cut_over \
         WHERE lane.lane_of = ? AND lane.id <> lead.id AND lane.state IN ('waiting', 'ready') AND lead.cut_over IS NOT NULL",
    )
    .bind(lead.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The copy that this statement made is about to take its table's place, unless somebody has said something else than was heard.
/// From then on nobody can.
pub(crate) async fn begin(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    heard: Option<CutOver>,
) -> Result<Fence, Error> {
    let done = sqlx::query(
        "UPDATE task SET cuts_over = 1 WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND in_flight = ? \
         AND wish IN ('go', 'stop') AND cut_over <=> ?",
    )
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(index)
    .bind(heard.map(CutOver::word))
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Fence::Passed);
    }
    let row = task::get(pool, lease.task).await?;
    let ours =
        row.is_some_and(|row| row.epoch == lease.epoch && holds(row.state) && row.in_flight == Some(index));
    Ok(if ours { Fence::Asked } else { Fence::Closed })
}

pub(crate) fn of_word(word: Option<&str>, task: TaskId) -> Result<Option<CutOver>, Error> {
    let known =
        |word| CutOver::of_word(word).ok_or_else(|| Error::strange(format!("task {task} has {word}")));
    word.map(known).transpose()
}
