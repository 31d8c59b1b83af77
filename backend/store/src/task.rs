//! Table `task`: one run of a ticket's work. The row is the outbox: what is `ready` is offered through Redis until a process
//! claims it here. This file is what requests need; [`crate::queue`] is what control needs, [`crate::run`] what the process
//! that does the work needs.

use crate::{
    Error, Pool, Tx, cut_over, lanes, passed_over,
    revision::{self, kind_of, list_of, list_text},
};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{
        cut_over::CutOver,
        task::{LaneView, Priority, TaskKind, TaskState, TaskView, TaskWish},
        waits::Waits,
    },
};
use dbdesk_ticket::task::{PROTOCOL, Wish};
use sqlx::{FromRow, mysql::MySqlExecutor};
use std::collections::BTreeSet;

pub(crate) use crate::task_wish::is_held_by_person;
pub use crate::{
    task_list::{Filter, Order, line, page},
    task_wish::{Settled, drop_unclaimed, due_now, hold, prioritise, release, settle, wish},
};

/// A task's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its number.
    pub id: TaskId,
    /// Whose work it does.
    pub ticket: TicketId,
    /// On whose servers.
    pub group: GroupId,
    /// The database of its sessions, where that is not its ticket's.
    pub database: Option<String>,
    /// Of several tasks that do one ticket's work beside each other: the one that the ticket names.
    pub lane_of: Option<TaskId>,
    /// Which revision of its SQL.
    pub revision: u32,
    /// Where it stands.
    pub state: TaskState,
    /// What it does.
    pub kind: TaskKind,
    /// Which of those that are due starts first.
    pub priority: Priority,
    /// Where it is offered; see `dbdesk_cmdb::label`.
    pub queue: String,
    /// Not before this time.
    pub due_at: Time,
    /// Why it does not start although it is due.
    pub waits: Option<Waits>,
    /// Every statement may run twice.
    pub repeatable: bool,
    /// The task that it tries again.
    pub retry_of: Option<TaskId>,
    /// Counts the tries, from 1.
    pub attempt: u32,
    /// The fencing token: grows with each lease.
    pub epoch: u64,
    /// What a person wants of it.
    pub wish: Wish,
    /// When the copy of a table takes the table's place, where a DBA has said so.
    pub cut_over: Option<CutOver>,
    /// It is about to: nobody can hold that any more.
    pub cuts_over: bool,
    /// The machine it runs on.
    pub host: Option<String>,
    /// That machine's boot id.
    pub boot_id: Option<String>,
    /// Its process there.
    pub pid: Option<u32>,
    /// When that process started, in the kernel's ticks: tells it from a later one with the same number.
    pub pid_start: Option<u64>,
    /// Statements that ran.
    pub done: u32,
    /// Statements in all.
    pub total: u32,
    /// What it runs, where that is not all from its first statement on.
    pub todo: Option<Vec<u32>>,
    /// The statement that was sent and has not answered, from 0.
    pub in_flight: Option<u32>,
    /// The server that it works on, `host:port`.
    pub instance: Option<String>,
    /// The target's number of the connection that runs it.
    pub connection_id: Option<u64>,
    /// When it was claimed.
    pub started_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Its process did not answer when it was last looked at.
    pub silent: bool,
}

impl TaskRow {
    /// As it crosses HTTP.
    #[must_use]
    pub fn view(&self) -> TaskView {
        TaskView {
            id: self.id,
            ticket: self.ticket,
            state: self.state,
            kind: self.kind,
            priority: self.priority,
            due_at: self.due_at,
            waits: self.waits.clone(),
            attempt: self.attempt,
            epoch: self.epoch,
            host: self.host.clone(),
            pid: self.pid,
            done: self.done,
            total: self.total,
            lane: self.lane(),
            started_at: self.started_at,
            ended_at: self.ended_at,
            wish: match self.wish {
                _ if self.state.is_final() => None,
                Wish::Go => None,
                Wish::Stop => Some(TaskWish::Stop),
                Wish::Pause => Some(TaskWish::Pause),
                Wish::Cancel => Some(TaskWish::Cancel),
            },
            cut_over: self.cut_over.filter(|_| !self.state.is_final()),
            cuts_over: self.cuts_over && self.is_held(),
            silent: self.silent && self.is_held(),
        }
    }

    fn lane(&self) -> Option<LaneView> {
        let todo = self.todo.as_deref().unwrap_or_default();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let done = todo.iter().filter(|index| **index < self.done).count();
        self.lane_of.map(|of| LaneView { of, done: count(done), total: count(todo.len()) })
    }

    /// Whether nothing that it has to run is left.
    #[must_use]
    pub fn is_through(&self) -> bool {
        match &self.todo {
            Some(todo) => todo.iter().all(|index| *index < self.done),
            None => self.done == self.total,
        }
    }

    /// Whether a process holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self.state, TaskState::Running | TaskState::Paused)
    }
}

#[derive(FromRow)]
pub(crate) struct Row {
    id: u64,
    ticket_id: u64,
    service_group_id: u64,
    database_name: Option<String>,
    lane_of: Option<u64>,
    revision: u32,
    state: String,
    kind: String,
    priority: u8,
    queue: String,
    due_at: Time,
    waits: Option<String>,
    repeatable: bool,
    retry_of: Option<u64>,
    attempt: u32,
    epoch: u64,
    wish: String,
    cut_over: Option<String>,
    cuts_over: bool,
    host: Option<String>,
    boot_id: Option<String>,
    pid: Option<u32>,
    pid_start: Option<u64>,
    done: u32,
    total: u32,
    todo: Option<String>,
    in_flight: Option<u32>,
    instance: Option<String>,
    connection_id: Option<u64>,
    started_at: Option<Time>,
    ended_at: Option<Time>,
    silent: bool,
}

impl TryFrom<Row> for TaskRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("task {} has {what}", row.id));
        let waits = row.waits.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: TaskId(row.id),
            ticket: TicketId(row.ticket_id),
            group: GroupId(row.service_group_id),
            database: row.database_name,
            lane_of: row.lane_of.map(TaskId),
            revision: row.revision,
            state: TaskState::of_word(&row.state).ok_or_else(|| strange(&row.state))?,
            kind: kind_of(&row.kind)?,
            priority: Priority::of_rank(row.priority).ok_or_else(|| strange("no priority"))?,
            queue: row.queue,
            due_at: row.due_at,
            waits: waits.map_err(|error| Error::Fault(error.into()))?,
            repeatable: row.repeatable,
            retry_of: row.retry_of.map(TaskId),
            attempt: row.attempt,
            epoch: row.epoch,
            wish: Wish::of_word(&row.wish).ok_or_else(|| strange(&row.wish))?,
            cut_over: cut_over::of_word(row.cut_over.as_deref(), TaskId(row.id))?,
            cuts_over: row.cuts_over,
            host: row.host,
            boot_id: row.boot_id,
            pid: row.pid,
            pid_start: row.pid_start,
            done: row.done,
            total: row.total,
            todo: row.todo.as_deref().map(|todo| list_of(Some(todo))).transpose()?,
            in_flight: row.in_flight,
            instance: row.instance,
            connection_id: row.connection_id,
            started_at: row.started_at,
            ended_at: row.ended_at,
            silent: row.silent,
        })
    }
}

/// A task to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTask {
    /// Whose work it does; its row is locked.
    pub ticket: TicketId,
    /// Which revision of its SQL.
    pub revision: u32,
    /// Statements in it.
    pub total: u32,
    /// Not before this time.
    pub due_at: Time,
    /// When it is made.
    pub at: Time,
    /// Whoever makes it offers it himself right after the commit, if it is due.
    pub is_offered: bool,
    /// What it tries again, if it does.
    pub retry: Option<Retry>,
}

/// A task that goes on where another one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The one before.
    pub of: TaskId,
    /// Counts the tries, from 2.
    pub attempt: u32,
    /// Its first statement, from 0.
    pub from: u32,
}

/// A task that is ready, as it is offered through Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub task: TaskId,
    /// On which queue.
    pub queue: String,
    /// How soon.
    pub priority: Priority,
    /// Since when it could start: its place among equals.
    pub due_at: Time,
}

/// What a task does, where that is not all of its ticket's work.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// Its statements.
    pub(crate) todo: Option<Vec<u32>>,
    /// On whose servers and in which database, where those are not its ticket's.
    pub(crate) place: Option<(GroupId, String)>,
    /// The run that it is a lane of; with a place and without a run it begins one.
    pub(crate) lane_of: Option<TaskId>,
}

/// Makes a task: `ready` when it is due already, else `waiting`. What it is comes from its revision, ticket and service group. Of a
/// ticket that is spread: the lanes that may begin; given is the one that the ticket names.
pub async fn insert(tx: &mut Tx, new: &NewTask) -> Result<TaskId, Error> {
    if let Some(spread) = revision::spread(&mut **tx, new.ticket, new.revision).await? {
        let opened = lanes::open(tx, new, &spread, None).await?;
        let (run, _) = opened.ok_or_else(|| Error::strange(format!("nothing is left of {}", new.ticket)))?;
        return Ok(run);
    }
    let left = match new.retry {
        // A revision that was tried, and approved anew since nothing came of the last try.
        None => passed_over::left_of_revision(&mut **tx, (new.ticket, new.revision, new.total)).await?,
        Some(retry) => {
            let of = lock(tx, retry.of).await?;
            let of = of.ok_or_else(|| Error::strange(format!("task {} is gone", retry.of)))?;
            passed_over::left(&mut **tx, &of, retry.from).await?
        }
    };
    add(tx, new, left.first, Made { todo: left.todo, ..Made::default() }).await
}

/// Writes the row of a task that begins at its statement `first`.
pub(crate) async fn add(tx: &mut Tx, new: &NewTask, first: u32, made: Made) -> Result<TaskId, Error> {
    let state = if new.due_at <= new.at { TaskState::Ready } else { TaskState::Waiting };
    let todo = made.todo.as_deref().map(list_text).transpose()?.flatten();
    let begins_run = made.place.is_some() && made.lane_of.is_none();
    let (group, database) = made.place.unzip();
    let written = sqlx::query(
        "INSERT INTO task (ticket_id, revision, state, due_at, total, created_at, done, retry_of, attempt, protocol, \
         offered_at, todo, lane_of, database_name, service_group_id, priority, kind, touches, repeatable, script, queue, instance) \
         SELECT k.id, r.revision, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, g.id, k.priority, r.kind, r.touches, r.repeatable, r.script, g.queue, \
         (SELECT CONCAT(i.host, ':', i.port) FROM instance i WHERE i.service_group_id = g.id AND i.role = 'primary' LIMIT 1) \
         FROM ticket k JOIN ticket_revision r ON r.ticket_id = k.id AND r.revision = ? \
         JOIN service_group g ON g.id = COALESCE(?, k.service_group_id) WHERE k.id = ?",
    )
    .bind(state.word())
    .bind(new.due_at)
    .bind(new.total)
    .bind(new.at)
    .bind(first)
    .bind(new.retry.map(|retry| retry.of.0))
    .bind(new.retry.map_or(1, |retry| retry.attempt))
    .bind(PROTOCOL)
    .bind(Some(new.at).filter(|_| new.is_offered && state == TaskState::Ready && made.lane_of.is_none()))
    .bind(todo)
    .bind(made.lane_of.map(|run| run.0))
    .bind(database)
    .bind(new.revision)
    .bind(group.map(|group| group.0))
    .bind(new.ticket.0)
    .execute(&mut **tx)
    .await?;
    if written.rows_affected() == 0 {
        return Err(Error::strange(format!("{} has no revision {} or no group", new.ticket, new.revision)));
    }
    let id = TaskId(written.last_insert_id());
    if begins_run {
        sqlx::query("UPDATE task SET lane_of = id WHERE id = ?").bind(id.0).execute(&mut **tx).await?;
    }
    Ok(id)
}

/// The newest tasks of a run, in the order in which they were made: one that was tried again by itself is left out. None where the task
/// leads none.
pub async fn newest_lanes(from: impl MySqlExecutor<'_>, lead: TaskId) -> Result<Vec<TaskRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM task WHERE lane_of = ? ORDER BY id")
        .bind(lead.0)
        .fetch_all(from)
        .await?;
    let mut lanes = rows.into_iter().map(TaskRow::try_from).collect::<Result<Vec<_>, _>>()?;
    let again: BTreeSet<TaskId> = lanes.iter().filter_map(|lane| lane.retry_of).collect();
    lanes.retain(|lane| !again.contains(&lane.id));
    Ok(lanes)
}

/// The tasks of the run that a ticket names by its first one: all lanes, or that one alone.
pub async fn run(pool: &Pool, first: TaskId) -> Result<Vec<TaskId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar("SELECT id FROM task WHERE lane_of = ? AND id <> ? ORDER BY id")
        .bind(first.0)
        .bind(first.0)
        .fetch_all(pool)
        .await?;
    Ok([first.0].into_iter().chain(ids).map(TaskId).collect())
}

/// Reads a task.
pub async fn get(pool: &Pool, id: TaskId) -> Result<Option<TaskRow>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM task WHERE id = ?").bind(id.0).fetch_optional(pool).await?;
    row.map(TaskRow::try_from).transpose()
}

/// Reads a task and locks its row until the transaction ends. Its ticket's row is locked already.
pub async fn lock(tx: &mut Tx, id: TaskId) -> Result<Option<TaskRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM task WHERE id = ? FOR UPDATE")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(TaskRow::try_from).transpose()
}
