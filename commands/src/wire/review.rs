//! What a review says. `POST /v1/reviews` and `dbdesk review --format json` answer a list of [`StatementReview`].

use crate::lang::Said;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most bytes of SQL that one ticket or review takes.
pub const MAX_SQL_BYTES: usize = 2 * 1024 * 1024;

/// How serious a finding is, the most serious first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Must be amended; nobody can send it on (the server itself would fail, or it must not be).
    Error,
    /// A failed rule, or a statement that is not fully understood: amend it, or send it to a DBA.
    NeedsDba,
    /// Worth knowing; does not stop the ticket.
    Warning,
    /// A matter of taste.
    Notice,
}

impl Level {
    /// Whether a finding of this level keeps a ticket from passing by itself.
    #[must_use]
    pub fn blocks(self) -> bool {
        matches!(self, Self::Error | Self::NeedsDba)
    }
}

/// One finding: what a rule says about one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The rule's id, such as `delete-without-where`.
    pub rule: String,
    /// How serious.
    pub level: Level,
    /// First byte of the place, counted from the start of the whole SQL text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong, in the asker's language, with his own table's and column's names.
    pub message: String,
    /// What it does to his table.
    pub why: String,
    /// What to write instead.
    pub fix: String,
    /// Bytes to replace that mend it for certain; absent where only the asker can know what he meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
}

/// Other bytes for one place of the SQL text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Edit {
    /// First byte that is taken away.
    pub start: usize,
    /// One past the last byte that is taken away; equal to `start` for a mere insertion.
    pub end: usize,
    /// What comes in its place.
    pub text: String,
}

/// What the live server says of one statement. Absent in an offline review.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanFigures {
    /// The server's own estimate of rows read (EXPLAIN); shown, never decided by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub estimated_rows: Option<u64>,
    /// EXPLAIN's access type of the first table: `ALL`, `range`, `ref` …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub access: Option<String>,
    /// The index that the server would use.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// Rows the statement would change, counted with a bounded SELECT.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub affected_rows: Option<AffectedRows>,
    /// Rows of the table by the server's statistics.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub table_rows: Option<u64>,
    /// Size of the table with its indexes, in bytes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub table_bytes: Option<u64>,
}

/// A bounded count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "rows", rename_all = "snake_case")]
pub enum AffectedRows {
    /// Exactly so many.
    Exactly(u64),
    /// The count stopped at its bound: more than so many.
    MoreThan(u64),
}

/// How a statement should run. The executor does so, but for batches ([`Way::as_written`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Way {
    /// As it is; it is small, or nobody waits for it.
    Direct,
    /// As it is; only the definition changes, whatever the size.
    MetadataOnly,
    /// As it is; the server works in the table's own place.
    InPlace {
        /// The whole table is built anew.
        rebuilds: bool,
        /// Writes go on meanwhile.
        permits_writes: bool,
    },
    /// As it is; the server copies the table, and writes wait.
    Copy,
    /// Not as it is: in batches.
    Batch,
    /// Not as it is: with pt-online-schema-change.
    OnlineTool,
}

impl Way {
    /// How much it weighs, the lightest first.
    #[must_use]
    pub fn weight(self) -> u8 {
        match self {
            Self::Direct => 0,
            Self::MetadataOnly => 1,
            Self::InPlace { rebuilds: false, permits_writes: true } => 2,
            Self::InPlace { permits_writes: true, .. } => 3,
            Self::InPlace { .. } => 4,
            Self::Copy => 5,
            Self::Batch => 6,
            Self::OnlineTool => 7,
        }
    }

    /// Whether it is advice only: the executor does not go this way.
    #[must_use]
    pub fn is_advice(self) -> bool {
        self == Self::Batch
    }

    /// What the DBA must know where this way may not be the one that the executor takes.
    #[must_use]
    pub fn as_written(self) -> Option<Said> {
        self.is_advice().then(|| {
            Said::fixed(
                "dbdesk makes it in chunks where the table's key allows that, else as it is written, in one go",
                "表的键允许时 dbdesk 分批执行，否则原样一次性执行",
            )
        })
    }

    /// Its name.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Direct => Said::fixed("directly", "直接执行"),
            Self::MetadataOnly => Said::fixed("by changing the definition only", "只改定义"),
            Self::InPlace { rebuilds: false, permits_writes: true } => {
                Said::fixed("in place, writes go on", "原地执行，不影响写入")
            }
            Self::InPlace { rebuilds: true, permits_writes: true } => {
                Said::fixed("in place, rebuilding the table, writes go on", "原地重建表，不影响写入")
            }
            Self::InPlace { .. } => Said::fixed("in place, writes wait", "原地执行，期间不能写入"),
            Self::Copy => Said::fixed("by copying the table, writes wait", "复制整张表，期间不能写入"),
            Self::Batch => Said::fixed("in batches", "分批执行"),
            Self::OnlineTool => {
                Said::fixed("with pt-online-schema-change", "用 pt-online-schema-change 执行")
            }
        }
    }
}

/// A way to run, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WayToRun {
    /// The way.
    pub way: Way,
    /// Why, in the asker's language.
    pub reason: String,
    /// It keeps the server busy for a while: approved by policy alone it starts in a quiet window.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub busy: bool,
}

/// Whether a statement keeps the server busy for a while.
#[must_use]
pub fn keeps_busy(review: &[StatementReview]) -> bool {
    review.iter().any(|statement| statement.way.as_ref().is_some_and(|way| way.busy))
}

/// The heaviest way among all statements of a review.
#[must_use]
pub fn heaviest_way(review: &[StatementReview]) -> Option<Way> {
    review.iter().filter_map(|statement| Some(statement.way.as_ref()?.way)).max_by_key(|way| way.weight())
}

/// The review of one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementReview {
    /// Place in the ticket, from 0.
    pub index: usize,
    /// First byte of the statement in the whole text.
    pub start: usize,
    /// One past its last byte (without the delimiter).
    pub end: usize,
    /// What it is: `create_table`, `update`, `not_analysable` …
    pub kind: String,
    /// What the rules say, in order of place, then of level.
    pub findings: Vec<Finding>,
    /// What the live server says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plan: Option<PlanFigures>,
    /// How it should run; absent where nothing tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub way: Option<WayToRun>,
    /// What becomes of the tables that this statement is the last of the script to change.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tables: Vec<TableDiff>,
}

/// A table's definition before and after the whole script, as the review server tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableDiff {
    /// Its database.
    pub database: String,
    /// Its name, at the end where it still exists.
    pub table: String,
    /// Its name before, where it was another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub was: Option<String>,
    /// What becomes of it.
    pub fate: TableFate,
    /// A unified diff of its definitions, without the lines that name the files.
    pub diff: String,
    /// The diff was longer than is kept; its end is missing.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_cut: bool,
}

/// What becomes of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableFate {
    /// It is made.
    Created,
    /// Its definition changes, or its name.
    Changed,
    /// It is gone.
    Dropped,
}

/// The most serious level among all findings of a review.
#[must_use]
pub fn worst_level(review: &[StatementReview]) -> Option<Level> {
    review.iter().flat_map(|statement| &statement.findings).map(|finding| finding.level).min()
}

/// Body of `POST /v1/reviews`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// The SQL text, at most [`MAX_SQL_BYTES`]. A table such as `orders_{0000..0511}` stands for a statement for each number;
    /// all of them are reviewed, and their places are told in the text as it was sent.
    pub sql: String,
    /// With a group, its flavour and live schema are used; without, the review is offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_group: Option<String>,
    /// The database that unqualified names belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
}
