//! Tasks: one run of a ticket's work in a process of its own.

use crate::{
    id::{TaskId, TicketId},
    lang::Said,
    wire::{cut_over::CutOver, waits::Waits},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Its time has not come.
    Waiting,
    /// Due; a process may claim it.
    Ready,
    /// A process holds its lease.
    Running,
    /// The process holds its lease and waits between two statements.
    Paused,
    /// Every statement ran.
    Succeeded,
    /// A statement failed, or the process ended between two statements.
    Failed,
    /// Stopped by a person.
    Cancelled,
    /// The process vanished in the middle of a statement.
    Lost,
}

impl TaskState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Ready,
        Self::Running,
        Self::Paused,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Lost,
    ];

    /// The word in the store and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// What a person reads.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Waiting => Said::fixed("waits for its time", "等待时间"),
            Self::Ready => Said::fixed("due", "已到期"),
            Self::Running => Said::fixed("running", "执行中"),
            Self::Paused => Said::fixed("paused", "已暂停"),
            Self::Succeeded => Said::fixed("succeeded", "成功"),
            Self::Failed => Said::fixed("failed", "失败"),
            Self::Cancelled => Said::fixed("cancelled", "已取消"),
            Self::Lost => Said::fixed("lost", "状态不明"),
        }
    }

    /// How much it needs that a person looks, 0 the most: of several tasks of one piece of work that one is shown.
    #[must_use]
    pub fn need(self) -> u8 {
        match self {
            Self::Lost => 0,
            Self::Failed => 1,
            Self::Cancelled => 2,
            Self::Paused => 3,
            Self::Running => 4,
            Self::Ready => 5,
            Self::Waiting => 6,
            Self::Succeeded => 7,
        }
    }

    /// Nothing moves it any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Lost)
    }
}

/// What a task does, as far as it matters for what may run beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// SQL that changes structure, or of which not all is understood.
    Ddl,
    /// SQL that changes rows only.
    Dml,
    /// Accounts and what they may.
    Account,
    /// A new database.
    Database,
    /// The inventory, or a group's servers.
    Cluster,
    /// A DBA's script.
    Script,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Ddl, Self::Dml, Self::Account, Self::Database, Self::Cluster, Self::Script];

    /// The word in the store, on the wire and in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ddl => "ddl",
            Self::Dml => "dml",
            Self::Account => "account",
            Self::Database => "database",
            Self::Cluster => "cluster",
            Self::Script => "script",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What people call it, in every language.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Ddl => "DDL",
            Self::Dml => "DML",
            Self::Account => "account",
            Self::Database => "database",
            Self::Cluster => "cluster",
            Self::Script => "script",
        }
    }
}

/// Which of the tasks that are due starts first; among equals the one that is due longer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before all others.
    High,
    /// As filed.
    #[default]
    Normal,
    /// After all others.
    Low,
}

impl Priority {
    /// Every priority, the first first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The word on the wire and in Redis.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }

    /// Its place, from 1: what the store keeps, so that it can be sorted by.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::High => 1,
            Self::Normal => 2,
            Self::Low => 3,
        }
    }

    /// The priority with this place.
    #[must_use]
    pub fn of_rank(rank: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.rank() == rank)
    }

    /// What a person reads.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::High => Said::fixed("high", "高"),
            Self::Normal => Said::fixed("normal", "普通"),
            Self::Low => Said::fixed("low", "低"),
        }
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    /// Its number.
    pub id: TaskId,
    /// Whose work it does.
    pub ticket: TicketId,
    /// Where it stands.
    pub state: TaskState,
    /// What it does.
    pub kind: TaskKind,
    /// Which of those that are due starts first.
    pub priority: Priority,
    /// Not before this time.
    pub due_at: DateTime<Utc>,
    /// Why it does not start although it is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waits: Option<Waits>,
    /// Counts the tries of one piece of work, from 1.
    pub attempt: u32,
    /// The fencing token: grows with each lease.
    pub epoch: u64,
    /// The machine it runs on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub host: Option<String>,
    /// Its process there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pid: Option<u32>,
    /// Statements that ran.
    pub done: u32,
    /// Statements in all.
    pub total: u32,
    /// Where several tasks do the ticket's work beside each other: what this one has of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lane: Option<LaneView>,
    /// When it was claimed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<DateTime<Utc>>,
    /// A person keeps it from starting, or wants it to hold or to end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wish: Option<TaskWish>,
    /// When the copy of a table takes the table's place, where a DBA has said so of this task.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cut_over: Option<CutOver>,
    /// The copy is about to: that can not be held any more.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub cuts_over: bool,
    /// Its process holds it and does not answer.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub silent: bool,
}

impl TaskView {
    /// Of its own statements those that ran, and all.
    #[must_use]
    pub fn counted(&self) -> (u32, u32) {
        self.lane.as_ref().map_or((self.done, self.total), |lane| (lane.done, lane.total))
    }
}

/// What one of several tasks that do a ticket's work beside each other has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneView {
    /// The first of these tasks, which the ticket names.
    pub of: TaskId,
    /// Statements of its own that it has passed.
    pub done: u32,
    /// Statements of its own.
    pub total: u32,
}

/// What a person wants of a task, other than that it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskWish {
    /// It is to hold.
    Pause,
    /// It is to end between two statements.
    Stop,
    /// It is to end.
    Cancel,
}
