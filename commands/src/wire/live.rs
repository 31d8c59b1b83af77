//! How far running work is, as it is seen from outside. It is no part of the log: only the newest state counts.

use crate::{
    id::{TaskId, TicketId},
    lang::Lang,
    wire::{card::CardPlace, queue::LogLine, throttle::Limits, ticket::Share},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the statement is that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Which statement, from 0.
    pub index: u32,
    /// Of how many.
    pub total: u32,
    /// It runs for so long.
    pub elapsed_ms: u64,
    /// The server's word for what it does.
    pub stage: String,
    /// How much of the statement is done, in thousandths, where the server estimates it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permille: Option<u16>,
    /// Rows that it read so far, where the server tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
    /// Whose lock it waits for, where the server tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub blocker: Option<Blocker>,
    /// How an online change of a table goes, where one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub online: Option<Online>,
    /// How far a script says that it is, where one runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub script: Option<Box<ScriptCourse>>,
}

/// How far a script says that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScriptCourse {
    /// Which one.
    pub name: String,
    /// So much is done, where it has said so,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub done: Option<u64>,
    /// of this
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<u64>,
    /// of these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
}

/// How a change goes that is made piece by piece: of a table by a tool, or of many rows in chunks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Online {
    /// Which chunk of rows comes next, from 1, where rows change in chunks; none where a table is copied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chunk: Option<u32>,
    /// Rows copied each second.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_per_s: Option<u64>,
    /// Time left, as the tool thinks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left_ms: Option<u64>,
    /// Lag of the replica that is farthest behind.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lag_ms: Option<u64>,
    /// Threads that run on the primary.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub threads_running: Option<u32>,
    /// It waits while lag or load is higher.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limits: Option<Limits>,
    /// Why it does not copy at this moment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waits: Option<OnlineWaits>,
}

/// Why an online change does not go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum OnlineWaits {
    /// A DBA has paused it.
    Pause,
    /// A replica is too far behind, or can not be asked.
    Replica {
        /// Which, `host:port`.
        instance: String,
    },
    /// Too many threads run on the primary.
    Load,
    /// All is copied: it changes places in the next quiet window.
    QuietWindow,
    /// All is copied: it changes places when a DBA says so.
    CutOver,
}

impl Progress {
    /// Whether it stands still because somebody else holds a lock.
    #[must_use]
    pub fn waits_for_lock(&self) -> bool {
        self.blocker.is_some() || (self.stage.starts_with("Waiting for") && self.stage.ends_with("lock"))
    }
}

/// A connection that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blocker {
    /// The server's number of it.
    pub connection: u64,
    /// Whose it is, `user@host`.
    pub account: String,
}

/// A ticket whose work runs, with its place in chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveTicket {
    /// Which ticket.
    pub ticket: TicketId,
    /// The task that runs; of several beside each other the first.
    pub task: TaskId,
    /// Language of its thread.
    pub lang: Lang,
    /// Its card.
    pub card: CardPlace,
    /// Its thread does not tell all of the log yet. The story goes before how far it is.
    pub behind: bool,
    /// How far it is.
    pub progress: Progress,
    /// Where it changes tables of several service groups: what each has of its statements.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shares: Vec<Share>,
}

/// Answer of `GET /v1/live`: every ticket whose work runs for more than a moment and has a thread, at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LivePage {
    /// The tickets.
    pub tickets: Vec<LiveTicket>,
    /// Pass as `after` to wait for what differs from this.
    pub cursor: u64,
}

/// An event `progress` of a ticket's events: the newest state of a task's running statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskProgress {
    /// The task that runs.
    pub task: TaskId,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
}

/// An event `line` of a ticket's events: what its process wrote into its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskLogLine {
    /// Which task.
    pub task: TaskId,
    /// The line.
    #[serde(flatten)]
    pub line: LogLine,
}
