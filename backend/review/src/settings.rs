//! What a review is measured by: data, so that an environment or a service group may have its own.

use crate::{flavour::Flavour, rules::Rule};
pub use dbdesk_commands::wire::rule::RuleLevel;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Thresholds of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// More rows than this, and an UPDATE or DELETE needs a DBA.
    pub affected_rows: u64,
    /// More indexes than this on one table need a DBA.
    pub indexes_per_table: usize,
    /// Longest name of an object; the server's own limit is 64.
    pub name_chars: usize,
    /// How the name of a secondary index begins.
    pub index_prefix: String,
    /// How the name of a unique index may begin.
    pub unique_prefixes: Vec<String>,
    /// Engines a table may have, in lower case.
    pub engines: Vec<String>,
    /// What may not stand in one ticket.
    pub mixing: Mixing,
    /// A change that makes writes wait is for pt-online-schema-change where the table with its indexes is larger.
    pub copy_bytes: u64,
    /// A change that reads or rebuilds the table while writes go on, likewise.
    pub online_tool_bytes: u64,
    /// What works through a table of more bytes than this keeps the server busy: by policy it starts in a quiet window only.
    pub busy_bytes: u64,
    /// More rows than this in one INSERT are better split.
    pub insert_rows: u64,
    /// A table of more bytes than this is big: changing its rows deserves a word.
    pub big_table_bytes: u64,
    /// More values than this in one IN list are better put into a table.
    pub in_list: usize,
    /// More ORs than this in one condition.
    pub or_conditions: usize,
    /// More tables than this joined in one query.
    pub joined_tables: usize,
    /// Queries nested deeper than this.
    pub query_depth: usize,
    /// A LIMIT that passes over more rows than this.
    pub offset: u64,
    /// A plan that reads a whole table of more rows than this.
    pub scanned_rows: u64,
    /// A plan that looks at more rows than this in all.
    pub examined_rows: u64,
    /// A longer CHAR should be a VARCHAR.
    pub char_chars: u64,
    /// A longer VARCHAR should be a TEXT.
    pub varchar_chars: u64,
    /// Columns of a primary key.
    pub primary_key_columns: usize,
    /// Columns of another index.
    pub index_columns: usize,
    /// Indexes that one column is part of.
    pub indexes_per_column: usize,
    /// Character sets a table may have, in lower case.
    pub charsets: Vec<String>,
    /// Collations a table may have, in lower case.
    pub collations: Vec<String>,
    /// More columns than this in one table get a warning.
    pub columns_per_table: usize,
    /// More TEXT, BLOB and JSON columns than this in one table get a warning.
    pub text_columns_per_table: usize,
    /// Columns that every table must have, where that is demanded.
    pub required_columns: Vec<String>,
    /// Columns that must have an index wherever they are, where that is demanded.
    pub indexed_columns: Vec<String>,
    /// The column that counts by itself, where that is demanded.
    pub auto_increment_column: String,
    /// How the name of a table begins, where that is demanded.
    pub table_prefix: String,
    /// How the name of a temporary table begins.
    pub temporary_prefix: String,
    /// How the name of a database ends, where that is demanded.
    pub database_suffix: String,
    /// How the name of a table ends that was set aside before it is dropped.
    pub dropped_suffix: String,
    /// More statements than this in one ticket get a warning.
    pub statements: usize,
    /// A longer statement gets a notice.
    pub statement_bytes: usize,
}

/// How far DDL and DML are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mixing {
    /// Not in one ticket.
    #[default]
    Ticket,
    /// Not for one table.
    Table,
}

fn words(all: &[&str]) -> Vec<String> {
    all.iter().map(|word| (*word).to_owned()).collect()
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            affected_rows: 1_000,
            indexes_per_table: 5,
            name_chars: 64,
            index_prefix: "idx_".to_owned(),
            unique_prefixes: vec!["uniq_".to_owned(), "uk_".to_owned()],
            engines: vec!["innodb".to_owned()],
            mixing: Mixing::Ticket,
            copy_bytes: 16 << 20,
            online_tool_bytes: 1 << 30,
            busy_bytes: 100 << 20,
            insert_rows: 1_000,
            big_table_bytes: 1 << 30,
            in_list: 200,
            or_conditions: 20,
            joined_tables: 5,
            query_depth: 3,
            offset: 10_000,
            scanned_rows: 10_000,
            examined_rows: 100_000,
            char_chars: 64,
            varchar_chars: 1_024,
            primary_key_columns: 3,
            index_columns: 5,
            indexes_per_column: 4,
            charsets: words(&["utf8mb4"]),
            collations: words(&[
                "utf8mb4_general_ci",
                "utf8mb4_unicode_ci",
                "utf8mb4_unicode_520_ci",
                "utf8mb4_0900_ai_ci",
                "utf8mb4_uca1400_ai_ci",
                "utf8mb4_bin",
            ]),
            columns_per_table: 40,
            text_columns_per_table: 3,
            required_columns: words(&["created_at", "updated_at"]),
            indexed_columns: words(&["created_at", "updated_at"]),
            auto_increment_column: "id".to_owned(),
            table_prefix: "t_".to_owned(),
            temporary_prefix: "tmp".to_owned(),
            database_suffix: "_db".to_owned(),
            dropped_suffix: "_del".to_owned(),
            statements: 100,
            statement_bytes: 16_384,
        }
    }
}

/// What [`crate::judge()`] needs to know besides the SQL.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's flavour.
    pub flavour: Flavour,
    /// The database of names written without one.
    pub database: Option<String>,
    /// Thresholds of the rules.
    pub limits: Limits,
    /// Levels that differ from the rules' own, by rule.
    pub rules: BTreeMap<String, RuleLevel>,
}

impl Settings {
    /// The level that these settings give a rule's findings, or `None` where the rule keeps its own way.
    #[must_use]
    pub fn level_of(&self, rule: &Rule) -> Option<RuleLevel> {
        self.rules.get(rule.id).copied()
    }

    /// Whether a rule looks.
    #[must_use]
    pub fn has_on(&self, rule: &Rule) -> bool {
        self.level_of(rule).map_or(rule.on, |level| level != RuleLevel::Off)
    }
}

/// What policy lets pass without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyLimits {
    /// Rows that all statements together may change.
    pub affected_rows: u64,
    /// Size with indexes of a table that DDL may touch.
    pub ddl_table_bytes: u64,
    /// Statements in one ticket.
    pub statements: usize,
}

impl Default for PolicyLimits {
    fn default() -> Self {
        Self { affected_rows: 1_000, ddl_table_bytes: 1 << 30, statements: 100 }
    }
}
