//! What the rules see of queries and conditions: every `SELECT` of a statement, wherever it stands, and the `UPDATE` or
//! `DELETE` itself, as plain data. Spans are those of the names and values inside; [`crate::place::whole`] widens one to
//! its brackets when a finding is told.

use crate::{
    feature::Used,
    shape::{ColumnUse, TableRef},
    span::Span,
    truth::Logic,
};

/// The most tests that are kept of one condition; of the rest only the number is known.
pub const MAX_TESTS: usize = 256;
/// The most parts (columns, sort keys, operands of a list) that are kept of one list.
pub const MAX_PARTS: usize = 64;
/// The most scopes that are kept of one statement.
pub const MAX_SCOPES: usize = 256;

/// What a scope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// The `UPDATE` or `DELETE` itself.
    Change,
    /// A `SELECT`.
    Select,
}

/// A `SELECT`, or the frame of an `UPDATE` or `DELETE`: tables with the conditions on them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word that is written or not")]
pub struct Scope {
    /// What it is.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<usize>,
    /// From the word `SELECT` on.
    pub span: Span,
    /// How many scopes are around it.
    pub depth: usize,
    /// One branch of a `UNION` or the like.
    pub in_union: bool,
    /// Its tables, in order.
    pub sources: Vec<Source>,
    /// What it gives.
    pub items: Vec<Item>,
    /// Where the word `DISTINCT` is written.
    pub distinct: bool,
    /// `SQL_CALC_FOUND_ROWS`.
    pub counts_found_rows: bool,
    /// `WHERE`, without the word.
    pub condition: Option<Span>,
    /// `HAVING`, without the word.
    pub having: Option<Span>,
    /// What the `WHERE` of a `SELECT` says.
    pub logic: Logic,
    /// The tests of `WHERE`, `ON` and `HAVING`.
    pub tests: Vec<Test>,
    /// How many `OR`s its `WHERE` has.
    pub ors: usize,
    /// `GROUP BY`.
    pub group: Vec<SortKey>,
    /// `ORDER BY` (of a whole `UNION`: at its first branch).
    pub order: Vec<SortKey>,
    /// `LIMIT`.
    pub limit: Option<Limit>,
    /// `FOR UPDATE`, `FOR SHARE`.
    pub locks: bool,
    /// It reads rows: it has a `FROM`.
    pub has_from: bool,
}

/// A table of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name; absent for a sub-select.
    pub table: Option<TableRef>,
    /// What it is called.
    pub alias: Option<String>,
    /// How it is joined to those before it.
    pub join: JoinKind,
    /// The join has `ON`, `USING`, or is `NATURAL`.
    pub has_condition: bool,
    /// Where.
    pub span: Span,
}

impl Source {
    /// Whether a column written with this name before its dot is of it.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        match (&self.alias, &self.table) {
            (Some(alias), _) => alias.eq_ignore_ascii_case(name),
            (None, Some(table)) => table.table.text == name,
            (None, None) => false,
        }
    }
}

/// How a table is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// The first table.
    First,
    /// After a comma.
    Comma,
    /// `JOIN`, `INNER JOIN`, `STRAIGHT_JOIN`.
    Inner,
    /// `CROSS JOIN`.
    Cross,
    /// `LEFT JOIN`.
    Left,
    /// `RIGHT JOIN`.
    Right,
    /// `NATURAL JOIN` of any sort.
    Natural,
}

/// What a `SELECT` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub what: Given,
    /// The name given to it.
    pub alias: Option<String>,
    /// Where.
    pub span: Span,
}

/// One thing that a `SELECT` gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `*`.
    Star,
    /// `t.*`.
    StarOf(String),
    /// A column.
    Column(ColumnUse),
    /// A column within brackets.
    Bracketed(ColumnUse),
    /// An aggregate or another function: its name in lower case, and its argument where that is one column.
    Call(String, Option<ColumnUse>),
    /// Anything else.
    Other,
}

/// What is sorted or grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// What.
    pub by: Operand,
    /// Downwards.
    pub descending: bool,
}

/// `LIMIT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many rows, where a number says.
    pub rows: Option<u64>,
    /// How many are passed over, where a number says.
    pub offset: Option<u64>,
    /// The numbers.
    pub span: Span,
}

/// Where a test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clause {
    /// `WHERE`.
    Where,
    /// `ON` of a join.
    On,
    /// `HAVING`.
    Having,
}

/// One test of a condition, between `AND`s and `OR`s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Where it stands.
    pub clause: Clause,
    /// It must hold: no `OR`, `XOR` or `NOT` is around it.
    pub needed: bool,
    /// A `NOT` is around it.
    pub negated: bool,
    /// What it tests.
    pub what: Tested,
    /// Where, from its first name or value to its last.
    pub span: Span,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `=`
    Equal,
    /// `<>`, `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<=>`
    NullSafe,
}

/// What a test asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// `a = b` and the like.
    Compare(Operand, Sign, Operand),
    /// `a LIKE b`; whether `NOT` is written.
    Like(Operand, Operand, bool),
    /// `a REGEXP b`; whether `NOT` is written.
    Regexp(Operand, Operand, bool),
    /// `a IN (…)`.
    InList(InList),
    /// `a IN (SELECT …)`; whether `NOT` is written; where the `SELECT` begins.
    InQuery(Operand, bool, usize),
    /// `EXISTS (SELECT …)`; whether `NOT` is written; where the `SELECT` begins.
    Exists(bool, usize),
    /// `a BETWEEN b AND c`.
    Between(Operand, Operand, Operand),
    /// `a IS NULL`; whether `NOT` is written.
    IsNull(Operand, bool),
    /// A value stands alone as a condition.
    Alone(Operand),
    /// Anything else.
    Other,
}

/// `a IN (…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InList {
    /// What is looked for.
    pub left: Operand,
    /// How many values the list has.
    pub len: usize,
    /// The first values of it.
    pub values: Vec<Operand>,
    /// A `NULL` in it.
    pub null: Option<Span>,
    /// `NOT IN`.
    pub negated: bool,
}

/// A side of a test, or what is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A column.
    Column(ColumnUse),
    /// A number as written.
    Number(String, Span),
    /// A text, without its quotes.
    Text(String, Span),
    /// `NULL`.
    Null(Span),
    /// A function or an arithmetic of columns: the function's name in lower case, the columns.
    Calculated(Option<String>, Vec<ColumnUse>, Span),
    /// A value that depends on no column: `NOW()`, `1 + 1`, `@x`.
    Value(Option<String>, Span),
    /// A sub-select, and where its `SELECT` begins.
    Query(usize, Span),
}

impl Operand {
    /// Where.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Column(column) => column.column.span,
            Self::Number(_, span)
            | Self::Text(_, span)
            | Self::Null(span)
            | Self::Calculated(_, _, span)
            | Self::Value(_, span)
            | Self::Query(_, span) => *span,
        }
    }

    /// The column, where it is one and nothing more.
    #[must_use]
    pub fn column(&self) -> Option<&ColumnUse> {
        match self {
            Self::Column(column) => Some(column),
            _ => None,
        }
    }

    /// Whether it is the same for every row.
    #[must_use]
    pub fn is_value(&self) -> bool {
        matches!(self, Self::Number(..) | Self::Text(..) | Self::Null(_) | Self::Value(..))
    }
}

/// Two `SELECT`s joined by `UNION` and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Union {
    /// `UNION`, `EXCEPT` …
    pub word: &'static str,
    /// `ALL` is written.
    pub all: bool,
    /// Where the right side begins.
    pub right: usize,
}

/// A value that an `UPDATE` (or `ON DUPLICATE KEY UPDATE`) sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Which column.
    pub column: ColumnUse,
    /// What is written after the `=`.
    pub value: Operand,
    /// Where that is.
    pub span: Span,
    /// It is a chain of `AND`s with a comparison in it: most likely a comma was meant.
    pub joined_by_and: bool,
}

/// What the rows of an `INSERT` hold at one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// The first `NULL`.
    pub null: Option<Span>,
    /// The first value that an `AUTO_INCREMENT` takes as it is: neither `NULL`, `DEFAULT` nor 0.
    pub chosen: Option<Span>,
    /// The longest text: its characters and its place.
    pub longest: Option<(usize, Span)>,
    /// The first text that begins with a letter.
    pub word: Option<Span>,
    /// The greatest whole number.
    pub greatest: Option<(i128, Span)>,
    /// The least whole number.
    pub least: Option<(i128, Span)>,
}

/// All queries of one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queries {
    /// Every `SELECT`, and the `UPDATE` or `DELETE` itself first.
    pub scopes: Vec<Scope>,
    /// Every `UNION` and the like.
    pub unions: Vec<Union>,
    /// What is set.
    pub assigned: Vec<Assigned>,
    /// What the rows of an `INSERT … VALUES` hold, by their place in the row.
    pub values: Vec<Values>,
    /// Names of `WITH`; they are no tables.
    pub with: Vec<String>,
    /// Syntax that not every server knows; what is read of a statement as a whole has them all.
    pub uses: Vec<Used>,
}

impl Queries {
    /// The `SELECT` that begins at this byte.
    #[must_use]
    pub fn at(&self, start: usize) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.kind == ScopeKind::Select && scope.span.start == start)
    }

    /// The `UPDATE` or `DELETE` itself.
    #[must_use]
    pub fn change(&self) -> Option<&Scope> {
        self.scopes.first().filter(|scope| scope.kind == ScopeKind::Change)
    }

    /// Every table that a `SELECT` reads.
    pub fn tables(&self) -> impl Iterator<Item = &TableRef> {
        let named =
            self.scopes.iter().flat_map(|scope| &scope.sources).filter_map(|source| source.table.as_ref());
        named.filter(|table| !self.is_with(table))
    }

    /// Whether the name is one of `WITH`.
    #[must_use]
    pub fn is_with(&self, table: &TableRef) -> bool {
        table.database.is_none() && self.with.iter().any(|name| name.eq_ignore_ascii_case(&table.table.text))
    }
}
