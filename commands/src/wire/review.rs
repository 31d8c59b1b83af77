//! What a review says. `POST /v1/reviews` and `dbdesk review --format json` answer a list of [`StatementReview`].

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
    /// The SQL text, at most [`MAX_SQL_BYTES`].
    pub sql: String,
    /// With a group, its flavour and live schema are used; without, the review is offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_group: Option<String>,
    /// The database that unqualified names belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
}
