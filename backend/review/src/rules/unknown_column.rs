use super::{Rule, names::Columns, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, AlterTable, Change, ColumnUse, Insert, Name, Shape, TableRef},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};
use std::collections::HashSet;

/// Words that stand like columns in functions of time: `TIMESTAMPDIFF(DAY, a, b)`.
const UNITS: [&str; 11] =
    ["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "date", "datetime"];

pub const RULE: Rule = Rule::new("unknown-column", Level::Error, include_str!("unknown_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::Insert(insert) => inserted(see, tell, insert),
        Shape::Update(change) | Shape::Delete(change) => changed(see, tell, change),
        Shape::AlterTable(alter) => altered(see, tell, alter),
        Shape::CreateTable(create) if create.like.is_none() && create.select.is_none() => {
            let columns: HashSet<String> = create.columns.iter().map(|column| column.name.text.to_lowercase()).collect();
            let missing = create.keys.iter().flat_map(|key| {
                key.parts.iter().filter(|part| !part.is_expression).map(move |part| (key.span, &part.column))
            });
            for (span, column) in missing.filter(|(_, column)| !columns.contains(&column.to_lowercase())) {
                say(tell, span, &words::table(&create.table), column, &[]);
            }
        }
        _ => {}
    }
}

fn inserted(see: &See<'_>, tell: &mut Tell<'_>, insert: &Insert) {
    let (Some(columns), Some(written)) = (Columns::of(see.world.table(&insert.table)), &insert.columns) else { return };
    for name in written {
        need(tell, &columns, &insert.table, name);
    }
}

fn changed(see: &See<'_>, tell: &mut Tell<'_>, change: &Change) {
    let known: Vec<_> = change.tables.iter().map(|table| (table, Columns::of(see.world.table(&table.name)))).collect();
    let used = change.condition.iter().flat_map(|condition| &condition.columns);
    for column in change.sets.iter().chain(used) {
        let table = match &column.table {
            Some(name) => known.iter().find(|(table, _)| table.answers_to(name)),
            None if known.len() == 1 && !change.has_derived => known.first(),
            None => None,
        };
        if let Some((table, Some(columns))) = table
            && !is_unit(column)
        {
            need(tell, columns, &table.name, &column.column);
        }
    }
}

fn is_unit(column: &ColumnUse) -> bool {
    column.table.is_none() && UNITS.iter().any(|unit| column.column.text.eq_ignore_ascii_case(unit))
}

fn altered(see: &See<'_>, tell: &mut Tell<'_>, alter: &AlterTable) {
    let Some(mut columns) = Columns::of(see.world.table(&alter.table)) else { return };
    for op in &alter.ops {
        match &op.action {
            Action::AddColumns(added, _) => {
                for column in added {
                    columns.add(&column.name.text);
                }
            }
            Action::Change(old, new) => {
                need(tell, &columns, &alter.table, old);
                columns.add(&new.name.text);
            }
            Action::RenameColumn(old, new) => {
                need(tell, &columns, &alter.table, old);
                columns.add(&new.text);
            }
            Action::Modify(column) => need(tell, &columns, &alter.table, &column.name),
            Action::DropColumn(name, false) | Action::AlterColumn(name, _) | Action::DropDefault(name) => {
                need(tell, &columns, &alter.table, name);
            }
            _ => {}
        }
    }
    for op in &alter.ops {
        let Action::AddKey(key, _) = &op.action else { continue };
        for part in key.parts.iter().filter(|part| !part.is_expression) {
            if !columns.has(&part.column) {
                say(tell, op.span, &words::table(&alter.table), &part.column, &columns.names());
            }
        }
    }
}

fn need(tell: &mut Tell<'_>, columns: &Columns<'_>, table: &TableRef, name: &Name) {
    if !columns.has(&name.text) && !tell.is_full() {
        say(tell, name.span, &words::table(table), &name.text, &columns.names());
    }
}

fn say(tell: &mut Tell<'_>, span: crate::span::Span, table: &str, column: &str, known: &[&str]) {
    let shown = words::quoted(column);
    let fix = match words::nearest(column, known) {
        Some(near) => said!("Did you mean {near}?", "是不是想写 {near}？", near = words::quoted(near)),
        None => Said::fixed(
            "Check the spelling, or add the column first, in a ticket of its own.",
            "请检查拼写，或先用单独的工单把这一列加上。",
        ),
    };
    tell.at(
        span,
        said!("{table} has no column {shown}.", "{table} 没有 {shown} 列。"),
        Said::fixed("The statement would fail and change nothing.", "语句会失败，什么都不改。"),
        fix,
    );
}
