//! `INSERT`, `REPLACE`, `UPDATE`, `DELETE`: our own reading of the frame (modifiers, several tables, partitions), and
//! sqlparser's of expressions and queries.

use super::{
    condition::{self, named, table_ref},
    query,
    reader::{Read, Reader},
};
use crate::{
    feature::Feature,
    query::MAX_PARTS,
    shape::{Change, ColumnUse, Insert, Name, Shape, TableRef, TableUse},
    span::Span,
};
use sqlparser::{
    ast::{JoinConstraint, JoinOperator, TableFactor, TableWithJoins},
    parser::Parser,
    tokenizer::Token,
};

/// The `WITH` before an `UPDATE` or `DELETE`.
pub struct With {
    /// All of it.
    span: Span,
    /// What it calls its queries.
    names: Vec<String>,
    /// The tables that they read.
    reads: Vec<TableRef>,
}

/// `[RECURSIVE] a AS (…), b (x, y) AS (…)`, from after `WITH` on.
pub fn with(reader: &mut Reader<'_>, start: usize) -> Read<With> {
    reader.take("recursive");
    let mut with = With { span: reader.since(start), names: Vec::new(), reads: Vec::new() };
    reader.list(|reader| {
        with.names.push(reader.name()?.text);
        if reader.is_sign(&Token::LParen) {
            reader.bracketed_names()?;
        }
        reader.need("as")?;
        reader.need_sign(&Token::LParen)?;
        let query = reader.sqlparser(Parser::parse_query)?;
        reader.need_sign(&Token::RParen)?;
        with.reads.extend(condition::look(&query)?.reads);
        Ok(())
    })?;
    with.span = reader.since(start);
    reader.queries.with.extend(with.names.iter().take(MAX_PARTS).cloned());
    Ok(with)
}

impl Change {
    /// What is called as a query of the `WITH` is no table.
    fn is_with(&mut self, with: Option<With>) {
        let Some(with) = with else { return };
        self.with = Some(with.span);
        self.reads.extend(with.reads);
        let named = |table: &TableRef| {
            table.database.is_none()
                && with.names.iter().any(|name| name.eq_ignore_ascii_case(&table.table.text))
        };
        self.reads.retain(|table| !named(table));
        self.has_derived |= self.tables.iter().any(|table| named(&table.name));
        self.tables.retain(|table| !named(&table.name));
    }
}

/// `UPDATE`, from after this word on.
pub fn update(reader: &mut Reader<'_>, with: Option<With>) -> Read<Shape> {
    reader.take("low_priority");
    reader.take("ignore");
    let mut change = tables(reader)?;
    portion(reader, &mut change)?;
    reader.need("set")?;
    change.sets = assignments(reader, &mut change.reads)?;
    tail(reader, &mut change)?;
    reader.end()?;
    change.is_with(with);
    Ok(Shape::Update(Box::new(change)))
}

/// `DELETE`, from after this word on.
pub fn delete(reader: &mut Reader<'_>, with: Option<With>) -> Read<Shape> {
    // `QUICK` is no reserved word, but here it is the modifier, as the server reads it.
    while reader.take_one(&["low_priority", "quick", "ignore"]) {}
    let mut change;
    if reader.take("from") {
        let several = deletes_several(reader);
        if several {
            let targets = reader.list(target)?;
            reader.need("using")?;
            change = tables(reader)?;
            change.targets = targets;
            change.multi = true;
        } else {
            change = tables(reader)?;
            if change.multi || change.has_derived {
                return reader.unread();
            }
            portion(reader, &mut change)?;
            change.targets = change.tables.iter().map(|table| table.name.clone()).collect();
        }
    } else {
        let targets = reader.list(target)?;
        reader.need("from")?;
        change = tables(reader)?;
        change.targets = targets;
        change.multi = true;
    }
    tail(reader, &mut change)?;
    let start = reader.here().start;
    if reader.take("returning") {
        let given = reader.sqlparser(Parser::parse_projection)?;
        change.reads.extend(condition::look(&given)?.reads);
        reader.uses(Feature::ReturningOfDelete, start);
    }
    reader.end()?;
    change.is_with(with);
    Ok(Shape::Delete(Box::new(change)))
}

/// `FOR PORTION OF p FROM x TO y`: MariaDB's application-time periods.
fn portion(reader: &mut Reader<'_>, change: &mut Change) -> Read<()> {
    let start = reader.here().start;
    if !reader.take_all(&["for", "portion", "of"]) {
        return Ok(());
    }
    reader.name()?;
    for word in ["from", "to"] {
        reader.need(word)?;
        let bound = reader.sqlparser(Parser::parse_expr)?;
        change.reads.extend(condition::look(&bound)?.reads);
    }
    reader.uses(Feature::Period, start);
    Ok(())
}

/// After `DELETE FROM`: whether a list of tables with `USING` follows.
fn deletes_several(reader: &Reader<'_>) -> bool {
    let mut by = 0;
    loop {
        match reader.ahead(by) {
            Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("using") => {
                return by > 0;
            }
            Token::Word(word) if word.quote_style.is_none() && is_clause(&word.value) => return false,
            Token::Word(_) | Token::Period | Token::Mul | Token::Comma => by += 1,
            _ => return false,
        }
    }
}

fn is_clause(word: &str) -> bool {
    ["where", "order", "limit", "partition", "as", "returning"]
        .iter()
        .any(|clause| clause.eq_ignore_ascii_case(word))
}

/// A table to delete from: `t`, `t.*`, `db.t`, `db.t.*`.
fn target(reader: &mut Reader<'_>) -> Read<TableRef> {
    let first = reader.name()?;
    let mut table = TableRef { database: None, table: first };
    while reader.take_sign(&Token::Period) {
        if reader.take_sign(&Token::Mul) {
            break;
        }
        table = TableRef { database: Some(table.table), table: reader.name()? };
    }
    Ok(table)
}

/// The tables of an `UPDATE` or `DELETE`, with their joins.
fn tables(reader: &mut Reader<'_>) -> Read<Change> {
    let start = reader.here().start;
    let joined = reader.list(|reader| reader.sqlparser(Parser::parse_table_and_joins))?;
    let mut change = Change {
        with: None,
        tables: Vec::new(),
        tables_span: reader.since(start),
        has_derived: false,
        reads: Vec::new(),
        targets: Vec::new(),
        sets: Vec::new(),
        condition: None,
        order: None,
        limit: None,
        joined_on: false,
        multi: joined.len() > 1 || joined.iter().any(|tables| !tables.joins.is_empty()),
    };
    for tables in &joined {
        take_joined(reader, tables, &mut change)?;
    }
    query::change(&mut reader.queries, &joined);
    Ok(change)
}

fn take_joined(reader: &Reader<'_>, tables: &TableWithJoins, change: &mut Change) -> Read<()> {
    change.joined_on |= tables.joins.iter().any(|join| has_condition(&join.join_operator));
    for factor in std::iter::once(&tables.relation).chain(tables.joins.iter().map(|join| &join.relation)) {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                version: None,
                sample: None,
                json_path: None,
                ..
            } => {
                let Some(name) = table_ref(name) else { return reader.unread() };
                let alias = alias.as_ref().map(|alias| alias.name.value.clone());
                change.tables.push(TableUse { name, alias });
            }
            TableFactor::Derived { subquery, .. } => {
                change.has_derived = true;
                change.reads.extend(condition::look(subquery)?.reads);
            }
            TableFactor::JsonTable { json_expr, .. } => {
                change.has_derived = true;
                change.reads.extend(condition::look(json_expr)?.reads);
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                take_joined(reader, table_with_joins, change)?;
            }
            _ => return reader.unread(),
        }
    }
    Ok(())
}

fn has_condition(join: &JoinOperator) -> bool {
    match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::CrossJoin(constraint)
        | JoinOperator::StraightJoin(constraint) => !matches!(constraint, JoinConstraint::None),
        _ => false,
    }
}

/// `a = 1, t.b = DEFAULT`.
fn assignments(reader: &mut Reader<'_>, reads: &mut Vec<TableRef>) -> Read<Vec<ColumnUse>> {
    reader.list(|reader| {
        let name = reader.sqlparser(|parser| parser.parse_object_name(false))?;
        if !reader.take_sign(&Token::Assignment) {
            reader.need_sign(&Token::Eq)?;
        }
        let value = reader.sqlparser(Parser::parse_expr)?;
        let seen = condition::look(&value)?;
        if seen.has_query {
            let around = reader.queries.change().map(|_| 0);
            query::inside(&mut reader.queries, &value, around);
        }
        reads.extend(seen.reads);
        let parts: Option<Vec<_>> = name.0.iter().map(|part| part.as_ident()).collect();
        let column = match parts.unwrap_or_default().as_slice() {
            [column] => ColumnUse { table: None, column: named(column) },
            [.., table, column] => ColumnUse { table: Some(table.value.clone()), column: named(column) },
            [] => return reader.unread(),
        };
        query::assigned(&mut reader.queries, &column, &value);
        Ok(column)
    })
}

/// `WHERE`, `ORDER BY`, `LIMIT`.
fn tail(reader: &mut Reader<'_>, change: &mut Change) -> Read<()> {
    if reader.take("where") {
        let mut reads = Vec::new();
        change.condition = Some(condition::condition(reader, &mut reads)?);
        change.reads.extend(reads);
    }
    let start = reader.here().start;
    if reader.take_all(&["order", "by"]) {
        let keys = reader.list(|reader| reader.sqlparser(Parser::parse_order_by_expr))?;
        change.reads.extend(condition::look(&keys)?.reads);
        change.order = Some(reader.since(start));
    }
    let start = reader.here().start;
    if reader.take("limit") {
        reader.number()?;
        if reader.take_sign(&Token::Comma) {
            reader.number()?;
        }
        change.limit = Some(reader.since(start));
    }
    Ok(())
}

/// `INSERT` or `REPLACE`, from after this word on.
pub fn insert(reader: &mut Reader<'_>, replace: bool) -> Read<Shape> {
    while reader.take_one(&["low_priority", "delayed", "high_priority", "ignore"]) {}
    reader.take("into");
    let mut insert = Insert {
        table: reader.table()?,
        columns: None,
        rows: 0,
        odd_row: None,
        values: None,
        select: None,
        reads: Vec::new(),
        replace,
        on_duplicate: false,
        updates: Vec::new(),
    };
    if reader.take("partition") {
        reader.bracketed_names()?;
    }
    if reader.is_sign(&Token::LParen) && !begins_query(reader.ahead(1)) {
        insert.columns = Some(column_list(reader)?);
    }
    source(reader, &mut insert)?;
    if !replace && insert.select.is_none() && reader.take("as") {
        let start = reader.here().start;
        reader.name()?;
        if reader.is_sign(&Token::LParen) {
            reader.bracketed_names()?;
        }
        reader.uses(Feature::RowAlias, start);
    }
    if !replace && reader.take_sign(&Token::SemiColon) {
        // The tokens have a `;` for the `ON`.
        if !reader.take_all(&["duplicate", "key", "update"]) {
            return reader.unread();
        }
        insert.updates = assignments(reader, &mut insert.reads)?;
        insert.on_duplicate = true;
    }
    let start = reader.here().start;
    if reader.take("returning") {
        let given = reader.sqlparser(Parser::parse_projection)?;
        insert.reads.extend(condition::look(&given)?.reads);
        reader.uses(Feature::ReturningOfInsert, start);
    }
    reader.end()?;
    Ok(Shape::Insert(Box::new(insert)))
}

fn begins_query(token: &Token) -> bool {
    match token {
        Token::LParen => true,
        Token::Word(word) => word.quote_style.is_none() && is_query_word(&word.value),
        _ => false,
    }
}

fn is_query_word(word: &str) -> bool {
    ["select", "with", "table"].iter().any(|begin| word.eq_ignore_ascii_case(begin))
}

/// `(a, t.b)`, possibly empty.
fn column_list(reader: &mut Reader<'_>) -> Read<Vec<Name>> {
    reader.need_sign(&Token::LParen)?;
    if reader.take_sign(&Token::RParen) {
        return Ok(Vec::new());
    }
    let names = reader.list(|reader| {
        let mut name = reader.name()?;
        while reader.take_sign(&Token::Period) {
            name = reader.name()?;
        }
        Ok(name)
    })?;
    reader.need_sign(&Token::RParen)?;
    Ok(names)
}

fn source(reader: &mut Reader<'_>, insert: &mut Insert) -> Read<()> {
    if reader.take_one(&["values", "value"]) {
        return rows(reader, insert);
    }
    if reader.take("set") {
        let sets = assignments(reader, &mut insert.reads)?;
        insert.columns = Some(sets.into_iter().map(|set| set.column).collect());
        insert.rows = 1;
        return Ok(());
    }
    let start = reader.here().start;
    if !begins_query(reader.token()) {
        return reader.unread();
    }
    let query = reader.sqlparser(Parser::parse_query)?;
    insert.reads.extend(condition::look(&query)?.reads);
    query::inside(&mut reader.queries, &query, None);
    insert.select = Some(reader.since(start));
    Ok(())
}

/// `(1, DEFAULT), ROW(2, 3)`.
fn rows(reader: &mut Reader<'_>, insert: &mut Insert) -> Read<()> {
    let mut wanted = insert.columns.as_ref().map(Vec::len);
    loop {
        let start = reader.here().start;
        let worded = reader.take("row");
        if worded {
            reader.uses(Feature::RowInValues, start);
        }
        reader.need_sign(&Token::LParen)?;
        let mut values = 0;
        if !reader.is_sign(&Token::RParen) {
            loop {
                value(reader, insert, values)?;
                values += 1;
                if !reader.take_sign(&Token::Comma) {
                    break;
                }
            }
        }
        reader.need_sign(&Token::RParen)?;
        insert.rows += 1;
        insert.values.get_or_insert(values);
        // `INSERT INTO t VALUES ()` and `INSERT INTO t () VALUES ()` take all defaults.
        let wanted = *wanted.get_or_insert(values);
        if values != wanted && insert.odd_row.is_none() {
            insert.odd_row = Some((reader.since(start), values));
        }
        if !reader.take_sign(&Token::Comma) {
            return Ok(());
        }
    }
}

/// One value. Most are literals: they need no syntax tree.
fn value(reader: &mut Reader<'_>, insert: &mut Insert, at: usize) -> Read<()> {
    let minus = reader.is_sign(&Token::Minus)
        && matches!(reader.ahead(1), Token::Number(..))
        && matches!(reader.ahead(2), Token::Comma | Token::RParen);
    if minus {
        reader.step();
    }
    let literal = matches!(
        reader.token(),
        Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::HexStringLiteral(_)
    ) || ["null", "default", "true", "false"].iter().any(|word| reader.is(word));
    if literal && matches!(reader.ahead(1), Token::Comma | Token::RParen) {
        let mut queries = std::mem::take(&mut reader.queries);
        query::value(&mut queries, at, reader.token(), minus, reader.here());
        reader.queries = queries;
        reader.step();
        return Ok(());
    }
    let start = reader.here().start;
    let expr = reader.sqlparser(Parser::parse_expr)?;
    let span = reader.since(start);
    query::calculated_value(&mut reader.queries, at, &expr, span);
    let seen = condition::look(&expr)?;
    if seen.has_query {
        query::inside(&mut reader.queries, &expr, None);
    }
    insert.reads.extend(seen.reads);
    Ok(())
}
