//! `INSERT` and `REPLACE`: the rows in the way before, and those that were inserted, are found by the values of a key that are written out,
//! or by the numbers that the server counts.

use crate::{
    chance::calls_known,
    field::{Field, Form, quoted},
    images::Layout,
    kept::{Deed, Found, Kept, Way},
    lack::Lack,
    table::{known, stands_alone},
    written::{rows, words},
};
use dbdesk_review::{
    Facts, Statement,
    facts::{Column, Key, KeyKind, Table},
    scan::{self, Lexeme},
    shape::Insert,
    types::TypeKind,
};
use std::collections::BTreeSet;

/// What is written for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given<'a> {
    /// A plain value of the column's kind, as written.
    Literal(&'a str),
    /// `NULL`, or nothing where that means it.
    Null,
    /// The server counts it.
    Counted,
    /// Anything else.
    Unclear,
}

/// What a row has for a unique key.
#[derive(Debug, PartialEq, Eq)]
enum Value<'a> {
    /// Plain values: the row is found by them.
    Written(Vec<&'a str>),
    /// A number that the server counts: no row is in its way.
    Counted,
    /// NULL, which is like no other.
    Null,
    /// What is in its way is not known.
    Unclear,
}

/// A unique key of whole columns, and the values that are written for it.
struct Unique<'a> {
    columns: Vec<(&'a str, &'a Field)>,
    tuples: BTreeSet<Vec<&'a str>>,
}

pub(crate) fn plan(
    text: &str,
    statement: &Statement,
    insert: &Insert,
    facts: &Facts,
    database: Option<&str>,
) -> Result<Kept, Lack> {
    if insert.select.is_some() {
        return Err(Lack::Query);
    }
    let (name, table) = known(&insert.table, facts, database)?;
    let head = text.get(statement.span.start..insert.table.span().start).unwrap_or_default();
    if words(head).any(|word| word.eq_ignore_ascii_case("ignore") || word.eq_ignore_ascii_case("delayed")) {
        return Err(Lack::Form);
    }
    let way = match (insert.replace, insert.on_duplicate) {
        (true, _) => Way::Replace,
        (_, true) => Way::Update,
        _ => Way::Plain,
    };
    let plain = way == Way::Plain;
    stands_alone(&name, table, Deed::Insert { rows: 0, way }, &[])?;
    let layout = Layout::of(&name, table, facts)?;
    let updates: Vec<&str> = insert.updates.iter().map(|set| set.column.text.as_str()).collect();
    // Rows are found again by their unique values as well.
    layout.keeps(&[layout.key.as_slice(), layout.unique.as_slice()].concat(), &updates)?;
    let lack = || Lack::KeyNotWritten { table: name.table.clone() };
    let mut uniques = uniques(table, &layout.fields, plain).ok_or_else(lack)?;
    let written = text.get(insert.table.span().end..statement.span.end).unwrap_or_default();
    calls_known(written)?;
    let rows = rows(written, insert.columns.is_some()).ok_or(Lack::Form)?;
    let named = named(insert, table);
    let mut counted = 0;
    for row in &rows {
        if !row.is_empty() && row.len() != named.len() {
            return Err(Lack::Form);
        }
        let of = |(column, field): &(&str, &Field)| {
            let at = named.iter().position(|name| name.eq_ignore_ascii_case(column));
            given(at.and_then(|at| row.get(at).copied()), table, column, (field, plain))
        };
        let values: Vec<Value<'_>> =
            uniques.iter().map(|unique| Value::of(unique.columns.iter().map(of).collect())).collect();
        if values.contains(&Value::Unclear) && !plain {
            return Err(lack());
        }
        if values.iter().any(|value| matches!(value, Value::Written(_))) {
            for (unique, value) in uniques.iter_mut().zip(values) {
                if let Value::Written(tuple) = value {
                    unique.tuples.insert(tuple);
                }
            }
        } else if values.contains(&Value::Counted) && plain && layout.key.len() == 1 {
            counted += 1;
        } else {
            return Err(lack());
        }
    }
    let found = match counted {
        0 => Found::Written,
        all if all == rows.len() => Found::Counted,
        _ => return Err(lack()),
    };
    let deed = Deed::Insert { rows: rows.len() as u64, way };
    let before = uniques.iter().flat_map(|unique| queries(&layout, unique)).collect();
    Ok(Kept { layout, deed, found, before })
}

/// The columns that the values are for.
fn named<'a>(insert: &'a Insert, table: &'a Table) -> Vec<&'a str> {
    if let Some(columns) = &insert.columns {
        return columns.iter().map(|column| column.text.as_str()).collect();
    }
    table.columns.iter().filter(|column| !column.invisible).map(|column| column.name.as_str()).collect()
}

/// The unique keys of whole columns; `None` where another may be in the way.
fn uniques<'a>(table: &'a Table, fields: &'a [Field], plain: bool) -> Option<Vec<Unique<'a>>> {
    let is_unique = |key: &&Key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique);
    let mut uniques = Vec::new();
    for key in table.keys.iter().filter(is_unique) {
        match whole(key, table, fields) {
            Some(columns) => uniques.push(Unique { columns, tuples: BTreeSet::new() }),
            None if plain => {}
            None => return None,
        }
    }
    Some(uniques)
}

fn whole<'a>(key: &'a Key, table: &'a Table, fields: &'a [Field]) -> Option<Vec<(&'a str, &'a Field)>> {
    key.parts
        .iter()
        .map(|part| {
            let column =
                table.column(&part.column).filter(|_| part.prefix.is_none() && !part.is_expression)?;
            let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(&column.name))?;
            Some((column.name.as_str(), field))
        })
        .collect()
}

impl<'a> Value<'a> {
    fn of(given: Vec<Given<'a>>) -> Self {
        if given.contains(&Given::Null) {
            return Self::Null;
        }
        if given.contains(&Given::Counted) {
            return Self::Counted;
        }
        let literals: Option<Vec<&str>> = given
            .into_iter()
            .map(|given| if let Given::Literal(text) = given { Some(text) } else { None })
            .collect();
        literals.map_or(Self::Unclear, Self::Written)
    }
}

fn queries(layout: &Layout, unique: &Unique<'_>) -> Vec<String> {
    let columns: Vec<String> = unique.columns.iter().map(|(name, _)| quoted(name)).collect();
    let tuples: Vec<String> = unique.tuples.iter().map(|tuple| format!("({})", tuple.join(", "))).collect();
    layout.find(&columns.join(", "), &tuples)
}

fn given<'a>(
    written: Option<&'a str>,
    table: &Table,
    name: &str,
    (field, plain): (&Field, bool),
) -> Given<'a> {
    let Some(column) = table.column(name) else { return Given::Unclear };
    let is_default = |text: &str| text.eq_ignore_ascii_case("default");
    let is_null = |text: &str| text.eq_ignore_ascii_case("null");
    let without = column.nullable && column.default.is_none();
    match written {
        None if column.auto_increment => Given::Counted,
        Some(text) if column.auto_increment && (is_default(text) || is_null(text) || text == "0") => {
            Given::Counted
        }
        None if without => Given::Null,
        Some(text) if is_null(text) || is_default(text) && without => Given::Null,
        Some(text) if is_plain(text, field) && (plain || is_kept_as_written(text, column)) => {
            Given::Literal(text)
        }
        _ => Given::Unclear,
    }
}

/// A value that is stored as it is written, so that the key is found again by the same text.
fn is_plain(text: &str, field: &Field) -> bool {
    let is_text = || {
        scan::next(text.as_bytes(), 0)
            .is_some_and(|found| found.lexeme == Lexeme::Text && found.end == text.len())
    };
    match field.form {
        Form::Number => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
        Form::Plain | Form::Text { .. } | Form::Bytes => is_text(),
        Form::Stamp | Form::Real | Form::Bits | Form::Json | Form::Opaque => false,
    }
}

/// Whether the server certainly keeps exactly this: nothing is cut, clipped, padded or put into another character set. Of rows that are in
/// the way none may be missed; after a plain `INSERT` the count would tell.
fn is_kept_as_written(text: &str, column: &Column) -> bool {
    let kind = &column.column_type;
    if let Some(bytes) = kind.kind.integer_bytes() {
        let bits = u32::from(bytes) * 8;
        let (least, most) = if kind.unsigned {
            (0, (1_i128 << bits) - 1)
        } else {
            (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
        };
        return text.parse::<i128>().is_ok_and(|number| (least..=most).contains(&number));
    }
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let fits = kind.length.is_some_and(|length| inner.chars().count() as u64 <= length);
    let in_charset = inner.is_ascii() || kind.charset.as_deref() == Some("utf8mb4");
    matches!(kind.kind, TypeKind::Char | TypeKind::VarChar) && fits && in_charset && !inner.ends_with(' ')
}
