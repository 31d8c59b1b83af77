//! Table `passed_over`: statements on numbered tables that failed, after which a ticket went on as it was told to.

use crate::{Error, revision::list_of, task::TaskRow};
use dbdesk_commands::id::{TaskId, TicketId};
use sqlx::{FromRow, mysql::MySqlExecutor};
use std::collections::BTreeSet;

/// Notes one.
pub async fn put(to: impl MySqlExecutor<'_>, task: TaskId, statement: u32) -> Result<(), Error> {
    sqlx::query("INSERT IGNORE INTO passed_over (task_id, statement) VALUES (?, ?)")
        .bind(task.0)
        .bind(statement)
        .execute(to)
        .await?;
    Ok(())
}

/// How many a task passed over.
pub async fn count(from: impl MySqlExecutor<'_>, task: TaskId) -> Result<u32, Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM passed_over WHERE task_id = ?")
        .bind(task.0)
        .fetch_one(from)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What a task leaves to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The first statement, from 0; the number of all where nothing is left.
    pub first: u32,
    /// All of them, where that is not simply all from the first on.
    pub todo: Option<Vec<u32>>,
}

impl Left {
    /// Whether this statement is among it.
    #[must_use]
    pub fn has(&self, index: u32) -> bool {
        match &self.todo {
            Some(todo) => todo.binary_search(&index).is_ok(),
            None => index >= self.first,
        }
    }
}

/// What is left of the work of `task`, which goes on at its statement `from`: that, and whatever was passed over before. Of a lane:
/// what no task of the ticket has run.
pub async fn left(store: impl MySqlExecutor<'_>, task: &TaskRow, from: u32) -> Result<Left, Error> {
    if task.lane_of.is_some() {
        let of = (task.ticket, task.revision, task.total);
        let left: Vec<u32> = left_of(store, of, Some((task.id, from))).await?.into_iter().collect();
        return Ok(Left { first: left.first().copied().unwrap_or(task.total), todo: Some(left) });
    }
    let mut todo: Vec<u32> = sqlx::query_scalar(
        "SELECT statement FROM passed_over WHERE task_id = ? AND statement < ? ORDER BY statement",
    )
    .bind(task.id.0)
    .bind(from)
    .fetch_all(store)
    .await?;
    if todo.is_empty() && task.todo.is_none() {
        return Ok(Left { first: from, todo: None });
    }
    match &task.todo {
        Some(own) => todo.extend(own.iter().filter(|index| **index >= from)),
        None => todo.extend(from..task.total),
    }
    Ok(Left { first: todo.first().copied().unwrap_or(task.total), todo: Some(todo) })
}

/// What no task of this revision has run: all of it, where there is none yet.
pub(crate) async fn left_of_revision(
    store: impl MySqlExecutor<'_>,
    of: (TicketId, u32, u32),
) -> Result<Left, Error> {
    let left = left_of(store, of, None).await?;
    let first = left.first().copied().unwrap_or(of.2);
    let is_rest = left.len() == (of.2 - first.min(of.2)) as usize;
    Ok(Left { first, todo: Some(left.into_iter().collect()).filter(|_| !is_rest) })
}

#[derive(FromRow)]
struct Ran {
    id: u64,
    done: u32,
    todo: Option<String>,
    passed_over: Option<u32>,
}

/// The statements of a revision that none of its tasks has run. `from`: this task is past its statements before that one, whatever
/// its row says.
pub(crate) async fn left_of(
    store: impl MySqlExecutor<'_>,
    (ticket, revision, total): (TicketId, u32, u32),
    from: Option<(TaskId, u32)>,
) -> Result<BTreeSet<u32>, Error> {
    let rows: Vec<Ran> = sqlx::query_as(
        "SELECT id, done, todo, CAST(NULL AS UNSIGNED) AS passed_over FROM task WHERE ticket_id = ? AND revision = ? \
         UNION ALL SELECT t.id, t.done, NULL, p.statement FROM passed_over p JOIN task t ON t.id = p.task_id \
         WHERE t.ticket_id = ? AND t.revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .bind(ticket.0)
    .bind(revision)
    .fetch_all(store)
    .await?;
    let (tasks, over): (Vec<Ran>, Vec<Ran>) = rows.into_iter().partition(|row| row.passed_over.is_none());
    let over: BTreeSet<(u64, u32)> =
        over.into_iter().filter_map(|row| Some((row.id, row.passed_over?))).collect();
    let mut left: BTreeSet<u32> = (0..total).collect();
    for Ran { id, done, todo, .. } in tasks {
        let done = from.filter(|(task, _)| task.0 == id).map_or(done, |(_, from)| from);
        for index in ran((id, done, todo.as_deref()), &over)? {
            left.remove(&index);
        }
    }
    Ok(left)
}

/// Which statements a task ran: those before `done` of all, or of its own where `todo` names them. `over`: what tasks passed over.
pub(crate) fn ran(
    (id, done, todo): (u64, u32, Option<&str>),
    over: &BTreeSet<(u64, u32)>,
) -> Result<Vec<u32>, Error> {
    let mut ran = match todo {
        Some(todo) => list_of(Some(todo))?,
        None => (0..done).collect(),
    };
    ran.retain(|index| *index < done && !over.contains(&(id, *index)));
    Ok(ran)
}
