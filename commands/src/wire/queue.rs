//! Many tasks at once: lists of them, what waits and what runs where, and what a task had to say.

use crate::{
    id::TaskId,
    wire::{entry::Entry, task::TaskView},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskLine {
    /// The task.
    #[serde(flatten)]
    pub task: TaskView,
    /// On whose servers.
    #[serde(default)]
    pub service_group: String,
    /// The thread of its ticket in chat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thread_id: Option<String>,
}

/// Answer of `GET /v1/tasks`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskPage {
    /// At most 50.
    pub tasks: Vec<TaskLine>,
    /// Pass as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_before: Option<TaskId>,
}

/// Which tasks a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// What waits and what runs.
    Open,
    /// What a process holds.
    Running,
    /// What is held by a process that does not answer.
    Silent,
    /// What ended.
    Ended,
    /// All of them.
    #[default]
    All,
}

impl Which {
    /// Each of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Open, Self::Running, Self::Silent, Self::Ended, Self::All];

    /// The word on the wire, in chat and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Running => "running",
            Self::Silent => "silent",
            Self::Ended => "ended",
            Self::All => "all",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.word() == word)
    }
}

/// A machine that takes tasks, with all controls on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MachineView {
    /// What it calls itself.
    pub host: String,
    /// Controls that were seen lately.
    pub controls: u32,
    /// Of these, so many take nothing more.
    pub draining: u32,
    /// Tasks that may run there at once.
    pub tasks_at_once: u32,
    /// Tasks that run or are paused there.
    pub running: u32,
    /// How long ago one of its controls was seen; absent where tasks run and no control ever was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seen_ms: Option<u64>,
}

/// How many tasks stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueCounts {
    /// Their time has not come.
    pub waiting: u64,
    /// A person keeps them from starting.
    pub held: u64,
    /// Due, and not started.
    pub ready: u64,
    /// A process holds them.
    pub running: u64,
    /// A process holds them between two statements.
    pub paused: u64,
    /// Of the two before, so many do not answer.
    pub silent: u64,
}

/// Answer of `GET /v1/queue`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueView {
    /// How many stand where.
    pub counts: QueueCounts,
    /// The machines, by name; at most 100.
    pub machines: Vec<MachineView>,
    /// What runs, those that do not answer first, then the longest running; at most 50.
    pub running: Vec<TaskLine>,
    /// What is due, in the order of starting; at most 50.
    pub ready: Vec<TaskLine>,
    /// What waits for its time, the next first; at most 20.
    pub waiting: Vec<TaskLine>,
}

/// A line that a task's process wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// Counts from 1 within a task.
    pub seq: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub text: String,
}

/// Answer of `GET /v1/tasks/{id}/log`: what happened to a task, and what its process had to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskLog {
    /// Which task.
    pub task: TaskId,
    /// What happened after `after_entry`: at most 200, oldest first.
    pub entries: Vec<Entry>,
    /// Its lines after `after_line`: at most 1,000, oldest first.
    pub lines: Vec<LogLine>,
    /// More are there already, of the one or the other.
    pub more: bool,
}

impl TaskLog {
    /// Most answers that are put together: 10 × 1,000 lines is all that a task may write.
    pub const PAGES: usize = 11;

    /// Before anything was read.
    #[must_use]
    pub fn unread(task: TaskId) -> Self {
        Self { task, entries: Vec::new(), lines: Vec::new(), more: true }
    }

    /// What to ask for next.
    #[must_use]
    pub fn after(&self) -> [(&'static str, String); 2] {
        let entry = self.entries.last().map_or(0, |entry| entry.id.0);
        let line = self.lines.last().map_or(0, |line| line.seq);
        [("after_entry", entry.to_string()), ("after_line", line.to_string())]
    }

    /// Takes the answer in.
    pub fn append(&mut self, page: Self) {
        self.entries.extend(page.entries);
        self.lines.extend(page.lines);
        self.more = page.more;
    }
}
