//! What is known of the columns that a query names.

use crate::{
    facts::{Column, KeyKind, Table},
    judge::See,
    place,
    plan::Scan,
    query::{Operand, Scope, Source, Test, Tested},
    shape::{ColumnUse, TableRef},
    span::Span,
    truth::{Knowledge, Range},
};
use dbdesk_commands::wire::review::Level;

/// What a column holds, as far as comparing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Integers, decimals, floats, bits.
    Number,
    /// Texts, whose comparison follows a collation.
    Text,
    /// Dates and times.
    Time,
    /// Anything else.
    Other,
}

/// The first word of a column's type.
pub fn type_word(column: &Column) -> &str {
    let end =
        column.data_type.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(column.data_type.len());
    column.data_type.get(..end).unwrap_or_default()
}

/// What the column holds.
pub fn class(column: &Column) -> Class {
    match type_word(column) {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "decimal" | "numeric"
        | "dec" | "fixed" | "float" | "double" | "real" | "bool" | "boolean" | "serial" => Class::Number,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "character" | "nvarchar"
        | "nchar" => Class::Text,
        "date" | "datetime" | "timestamp" | "time" => Class::Time,
        _ => Class::Other,
    }
}

/// The length in the brackets of a type: 200 of `varchar(200)`.
pub fn length(column: &Column) -> Option<u64> {
    let (_, rest) = column.data_type.split_once('(')?;
    rest.split([')', ',']).next()?.trim().parse().ok()
}

/// The numbers that an integer column can hold.
#[expect(clippy::cast_precision_loss, reason = "the ends of eight-byte integers are near enough")]
pub fn range(column: &Column) -> Option<Range> {
    let bits = match type_word(column) {
        "tinyint" | "bool" | "boolean" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" | "integer" => 32,
        "bigint" | "serial" => 64,
        "decimal" | "numeric" | "float" | "double" if column.data_type.contains("unsigned") => {
            return Range::closed(0.0, f64::MAX);
        }
        _ => return None,
    };
    let unsigned = column.data_type.contains("unsigned") || type_word(column) == "serial";
    let size = (1_u128 << bits) as f64;
    if unsigned { Range::closed(0.0, size - 1.0) } else { Range::closed(-size / 2.0, size / 2.0 - 1.0) }
}

/// What the truth of a condition needs to know.
pub fn knowledge(table: &Table, column: &Column) -> Knowledge {
    let primary = table.keys.iter().any(|key| {
        key.kind == KeyKind::Primary
            && key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&column.name))
    });
    Knowledge { nullable: column.nullable && !primary, range: range(column) }
}

/// The table of a scope that a column is of, and the column, where both are known for certain.
pub fn column_of<'a>(
    see: &'a See<'_>,
    scope: &'a Scope,
    used: &ColumnUse,
) -> Option<(&'a Source, &'a Table, &'a Column)> {
    let queries = &see.statement.queries;
    let known = |source: &'a Source| {
        let name = source.table.as_ref().filter(|table| !queries.is_with(table))?;
        let table = see.world.table(name).filter(|table| !table.columns.is_empty())?;
        Some((source, table, table.column(&used.column.text)?))
    };
    if let Some(name) = &used.table {
        return scope.sources.iter().find(|source| source.answers_to(name)).and_then(known);
    }
    let mut having = scope.sources.iter().filter_map(known);
    let first = having.next();
    // Of two tables that have it nobody knows which is meant; of one that is not known neither.
    if having.next().is_some() || scope.sources.len() > 1 && !all_known(see, scope) { None } else { first }
}

/// Whether the columns of every table of a scope are known.
pub fn all_known(see: &See<'_>, scope: &Scope) -> bool {
    scope.sources.iter().all(|source| {
        source.table.as_ref().is_some_and(|table| {
            !see.statement.queries.is_with(table)
                && see.world.table(table).is_some_and(|table| !table.columns.is_empty() && !table.is_view)
        })
    })
}

/// Whether an index of the table begins with this column.
pub fn leads_an_index(table: &Table, column: &str) -> bool {
    table.keys.iter().filter(|key| !matches!(key.kind, KeyKind::FullText | KeyKind::Spatial)).any(|key| {
        key.parts.first().is_some_and(|part| !part.is_expression && part.column.eq_ignore_ascii_case(column))
    })
}

/// The whole place of something in the statement.
pub fn whole(see: &See<'_>, span: Span) -> Span {
    place::whole(see.script.sql(), see.statement.span, span)
}

/// A column as it is shown: with its table where that is known.
pub fn shown(see: &See<'_>, scope: &Scope, used: &ColumnUse) -> String {
    let column = super::words::quoted(&used.column.text);
    match table_of(see, scope, used) {
        Some(table) => format!("{}.{column}", super::words::quoted(&table.table.text)),
        None => column,
    }
}

/// The table that a column is of, as far as the statement or the schema tells.
pub fn table_of<'a>(see: &'a See<'_>, scope: &'a Scope, used: &ColumnUse) -> Option<&'a TableRef> {
    match (&used.table, scope.sources.as_slice()) {
        (Some(name), sources) => sources.iter().find(|source| source.answers_to(name))?.table.as_ref(),
        (None, [only]) => only.table.as_ref(),
        (None, _) => column_of(see, scope, used).and_then(|(source, ..)| source.table.as_ref()),
    }
}

/// Whether the statement is a query that stands alone.
pub fn stands_alone(see: &See<'_>) -> bool {
    see.statement.kind == "select"
}

/// Every test of every scope.
pub fn tests<'a>(see: &'a See<'_>) -> impl Iterator<Item = (&'a Scope, &'a Test)> {
    see.statement.queries.scopes.iter().flat_map(|scope| scope.tests.iter().map(move |test| (scope, test)))
}

/// `needs_dba` where the statement writes, else `warning`: a query that finds too much only shows it.
pub fn by_harm(see: &See<'_>) -> Level {
    if stands_alone(see) { Level::Warning } else { Level::NeedsDba }
}

/// What a scope is called: its first table, or the name of its first sub-select.
pub fn called(scope: &Scope) -> String {
    if let Some(table) = scope.sources.iter().find_map(|source| source.table.as_ref()) {
        return super::words::table(table);
    }
    let alias = scope.sources.iter().find_map(|source| source.alias.as_ref());
    alias.map_or_else(|| "(SELECT …)".to_owned(), |alias| super::words::quoted(alias))
}

/// Both sides of a test, so that either may be the column: `(column, value)`.
pub fn column_and_value(test: &Test) -> Option<(&ColumnUse, &Operand)> {
    match &test.what {
        Tested::Compare(Operand::Column(column), _, value)
        | Tested::Compare(value, _, Operand::Column(column))
            if value.is_value() =>
        {
            Some((column, value))
        }
        _ => None,
    }
}

/// The text of something, cut to a length that can be shown.
pub fn text(see: &See<'_>, span: Span) -> String {
    super::words::shown(span.of(see.script.sql()))
}

/// The tables that the server's plan reads, with the rows that it expects.
pub fn scans<'a>(see: &'a See<'_>) -> impl Iterator<Item = (&'a Scan, u64)> {
    let explained = see.facts.explained.get(&see.statement.index);
    let scans = explained.into_iter().flat_map(|explained| &explained.plan.scans);
    scans.filter(|scan| scan.is_table()).filter_map(|scan| Some((scan, scan.rows?)))
}
