//! `ALTER TABLE`, all of MySQL's and MariaDB's grammar that a ticket can hold.

use super::{
    column, create,
    key::{self, Constraint},
    reader::{Read, Reader},
};
use crate::{
    feature::Feature,
    flavour::Family,
    shape::{Action, AlterForm, AlterOp, AlterTable, ColumnChange, Name, Shape},
    span::Span,
    types::Written,
};
use sqlparser::tokenizer::Token;

/// `ALTER TABLE`, from after these words on.
pub fn table(reader: &mut Reader<'_>) -> Read<Shape> {
    let if_exists = reader.if_exists_by(Feature::AlterTableIfExists);
    let table = reader.table()?;
    reader.wait();
    let mut ops = Vec::new();
    // `ALTER TABLE t` alone does nothing, and is no mistake to the server.
    while !(ops.is_empty() && reader.is_end()) {
        let start = reader.here().start;
        if let Some(by) = bracketed_add(reader) {
            (0..by).for_each(|_| reader.step());
            let added = bracketed(reader)?;
            // Each speaks for the whole clause: alone, none of them is one.
            let span = reader.since(start);
            ops.extend(added.into_iter().map(|action| AlterOp { action, position: None, span }));
        } else if let Some(way) = create::algorithm_or_lock(reader)? {
            ops.push(way);
        } else {
            let action = action(reader)?;
            let position = position(&action);
            ops.push(AlterOp { action, position, span: reader.since(start) });
        }
        // Options may stand side by side, and `PARTITION BY` follows without a comma.
        let goes_on = reader.take_sign(&Token::Comma);
        if reader.is_end() && !goes_on {
            break;
        }
        if !goes_on
            && !reader.is("partition")
            && !reader.is("remove")
            && !matches!(ops.last().map(|op| &op.action), Some(Action::Option(_)))
        {
            return reader.unread();
        }
    }
    reader.end()?;
    Ok(Shape::AlterTable(AlterTable { table, form: AlterForm::Alter, if_exists, ignore: false, ops }))
}

/// How many words stand before the bracket of `ADD [COLUMN] (…)`, where it is one.
fn bracketed_add(reader: &Reader<'_>) -> Option<usize> {
    let by = if reader.are(&["add", "column"]) { 2 } else { 1 };
    (reader.is("add") && *reader.ahead(by) == Token::LParen).then_some(by)
}

/// `(a int, KEY idx_a (a), …)`: columns and indexes.
fn bracketed(reader: &mut Reader<'_>) -> Read<Vec<Action>> {
    reader.need_sign(&Token::LParen)?;
    let ops = reader.list(|reader| {
        Ok(match key::constraint(reader)? {
            Some(Constraint::Key(key, if_not_exists)) => Action::AddKey(key, if_not_exists),
            Some(Constraint::Other) => Action::Other,
            None => Action::AddColumns(vec![column::definition(reader)?], false),
        })
    })?;
    reader.need_sign(&Token::RParen)?;
    Ok(ops)
}

fn action(reader: &mut Reader<'_>) -> Read<Action> {
    let start = reader.here().start;
    if reader.take("add") {
        return add(reader, start);
    }
    if reader.take("drop") {
        return drop_something(reader, start);
    }
    if reader.take("modify") {
        reader.take("column");
        reader.if_exists_by(Feature::IfExistsInAlter);
        return Ok(Action::Modify(column::positioned(reader)?));
    }
    if reader.take("change") {
        reader.take("column");
        reader.if_exists_by(Feature::IfExistsInAlter);
        let old = reader.name()?;
        return Ok(Action::Change(old, column::positioned(reader)?));
    }
    if reader.take("rename") {
        return rename(reader, start);
    }
    if reader.take("alter") {
        return alter_something(reader, start);
    }
    if reader.is("partition") {
        create::partition_by(reader)?;
        return Ok(Action::PartitionBy);
    }
    if reader.take_all(&["order", "by"]) {
        reader.list(|reader| {
            reader.name()?;
            while reader.take_sign(&Token::Period) {
                reader.name()?;
            }
            let _ = reader.take("asc") || reader.take("desc");
            Ok(())
        })?;
        return Ok(Action::Other);
    }
    if reader.take_all(&["convert", "to", "character", "set"])
        || reader.take_all(&["convert", "to", "charset"])
    {
        let charset = charset_name(reader)?;
        let collation = if reader.take("collate") { Some(charset_name(reader)?) } else { None };
        return Ok(Action::Convert(charset, collation));
    }
    if let Some(action) = partition_maintenance(reader)? {
        return Ok(action);
    }
    let plain = reader.take("force")
        || reader.take_all(&["enable", "keys"])
        || reader.take_all(&["disable", "keys"])
        || reader.take_all(&["with", "validation"])
        || reader.take_all(&["without", "validation"])
        || reader.take_all(&["import", "tablespace"])
        || secondary(reader)?;
    if plain {
        return Ok(Action::Other);
    }
    if reader.take_all(&["discard", "tablespace"]) {
        return Ok(Action::LosePartition);
    }
    match create::option(reader)? {
        Some(option) => Ok(Action::Option(option)),
        None => reader.unread(),
    }
}

/// A character set or collation: a word or a quoted text.
fn charset_name(reader: &mut Reader<'_>) -> Read<Name> {
    let span = reader.here();
    match reader.string() {
        Ok(text) => Ok(Name { text, span }),
        Err(_) => reader.name(),
    }
}

/// `SECONDARY_LOAD [PARTITION (…)]`: work on the copy in a secondary engine.
fn secondary(reader: &mut Reader<'_>) -> Read<bool> {
    let start = reader.here().start;
    let there = reader.take_one(&["secondary_load", "secondary_unload"]);
    if there {
        if reader.take("partition") {
            reader.bracketed_names()?;
        }
        reader.only_in(Family::MySql, start);
    }
    Ok(there)
}

fn add(reader: &mut Reader<'_>, start: usize) -> Read<Action> {
    if reader.take("partition") {
        reader.if_not_exists_by(Feature::IfExistsInAlter);
        reader.take_one(&["no_write_to_binlog", "local"]);
        if reader.take("partitions") {
            reader.number()?;
        } else {
            reader.balanced()?;
        }
        return Ok(Action::Other);
    }
    if reader.take_all(&["system", "versioning"]) {
        reader.uses(Feature::SystemVersioning, start);
        return Ok(Action::Other);
    }
    match key::constraint(reader)? {
        Some(Constraint::Key(key, if_not_exists)) => return Ok(Action::AddKey(key, if_not_exists)),
        Some(Constraint::Other) => return Ok(Action::Other),
        None => {}
    }
    reader.take("column");
    let if_not_exists = reader.if_not_exists_by(Feature::IfExistsInAlter);
    Ok(Action::AddColumns(vec![column::positioned(reader)?], if_not_exists))
}

/// Where `FIRST` or `AFTER x` stands.
fn position(action: &Action) -> Option<Span> {
    let column = match action {
        Action::AddColumns(columns, _) => columns.first()?,
        Action::Modify(column) | Action::Change(_, column) => column,
        _ => return None,
    };
    column.position.as_ref().map(|position| position.span)
}

fn drop_something(reader: &mut Reader<'_>, start: usize) -> Read<Action> {
    if reader.take_all(&["primary", "key"]) {
        return Ok(Action::DropPrimaryKey);
    }
    if reader.take("partition") {
        reader.if_exists_by(Feature::IfExistsInAlter);
        reader.list(Reader::name)?;
        return Ok(Action::LosePartition);
    }
    if reader.take_all(&["system", "versioning"]) {
        reader.uses(Feature::SystemVersioning, start);
        return Ok(Action::LosePartition);
    }
    if reader.take_all(&["period", "for"]) {
        let name = reader.name()?;
        reader.uses(key::period(&name), start);
        return Ok(Action::Other);
    }
    if reader.take_one(&["index", "key"]) {
        let if_exists = reader.if_exists_by(Feature::IfExistsInAlter);
        return Ok(Action::DropKey(reader.name()?, if_exists));
    }
    if reader.take_all(&["foreign", "key"]) {
        reader.if_exists_by(Feature::IfExistsInAlter);
        return Ok(Action::DropForeignKey(reader.name()?));
    }
    let check = reader.take("check");
    if check || reader.take("constraint") {
        reader.uses(if check { Feature::DropCheck } else { Feature::DropConstraint }, start);
        reader.if_exists_by(Feature::IfExistsInAlter);
        return Ok(Action::DropConstraint(reader.name()?));
    }
    reader.take("column");
    let if_exists = reader.if_exists_by(Feature::IfExistsInAlter);
    let name = reader.name()?;
    reader.take_one(&["restrict", "cascade"]);
    Ok(Action::DropColumn(name, if_exists))
}

fn rename(reader: &mut Reader<'_>, start: usize) -> Read<Action> {
    if reader.take_one(&["index", "key"]) {
        reader.uses(Feature::RenameIndex, start);
        reader.if_exists_by(Feature::IfExistsInAlter);
        let old = reader.name()?;
        reader.need("to")?;
        return Ok(Action::RenameKey(old, reader.name()?));
    }
    if reader.take("column") {
        reader.uses(Feature::RenameColumn, start);
        reader.if_exists_by(Feature::IfExistsInAlter);
        let old = reader.name()?;
        reader.need("to")?;
        return Ok(Action::RenameColumn(old, reader.name()?));
    }
    if !reader.take("to") {
        reader.take("as");
    }
    reader.take_sign(&Token::Eq);
    Ok(Action::RenameTable(reader.table()?))
}

fn alter_something(reader: &mut Reader<'_>, start: usize) -> Read<Action> {
    if reader.take_one(&["index", "key"]) {
        reader.if_exists_by(Feature::IfExistsInAlter);
        let name = reader.name()?;
        let invisible = reader.take("invisible");
        if invisible || reader.take("visible") {
            reader.uses(Feature::IndexVisibility, start);
            return Ok(Action::AlterKey(name, invisible));
        }
        let ignored = reader.take("ignored");
        if ignored || reader.take_all(&["not", "ignored"]) {
            reader.uses(Feature::IndexIgnored, start);
            return Ok(Action::AlterKey(name, ignored));
        }
        return reader.unread();
    }
    let check = reader.take("check");
    if check || reader.take("constraint") {
        reader.name()?;
        if reader.take("enforced") || reader.take_all(&["not", "enforced"]) {
            reader.uses(if check { Feature::AlterCheck } else { Feature::AlterConstraint }, start);
            return Ok(Action::Other);
        }
        return reader.unread();
    }
    reader.take("column");
    reader.if_exists_by(Feature::IfExistsInAlter);
    let name = reader.name()?;
    if reader.take_all(&["drop", "default"]) {
        return Ok(Action::DropDefault(name));
    }
    reader.need("set")?;
    let invisible = reader.take("invisible");
    if invisible || reader.take("visible") {
        reader.uses(Feature::SetInvisible, start);
        return Ok(Action::AlterColumn(name, ColumnChange::SetInvisible(invisible)));
    }
    let start = reader.here().start;
    reader.need("default")?;
    let value = column::default_value(reader)?;
    let default = Written { value, span: reader.since(start) };
    Ok(Action::AlterColumn(name, ColumnChange::SetDefault(default)))
}

/// Work on partitions; `None` where it is none.
fn partition_maintenance(reader: &mut Reader<'_>) -> Read<Option<Action>> {
    const LOST: [&str; 2] = ["truncate", "discard"];
    const KEPT: [&str; 6] = ["analyze", "check", "optimize", "rebuild", "repair", "import"];
    if reader.take_all(&["remove", "partitioning"]) {
        return Ok(Some(Action::Other));
    }
    if reader.take_all(&["exchange", "partition"]) {
        reader.name()?;
        reader.need("with")?;
        reader.need("table")?;
        reader.table()?;
        let start = reader.here().start;
        if reader.take_one(&["with", "without"]) {
            reader.need("validation")?;
            reader.only_in(Family::MySql, start);
        }
        return Ok(Some(Action::ExchangePartition));
    }
    let start = reader.here().start;
    if reader.take_all(&["convert", "partition"]) {
        reader.name()?;
        reader.need("to")?;
        reader.need("table")?;
        reader.table()?;
        reader.uses(Feature::ConvertPartition, start);
        return Ok(Some(Action::ExchangePartition));
    }
    if reader.take_all(&["convert", "table"]) {
        reader.table()?;
        reader.need("to")?;
        create::converted_partition(reader)?;
        reader.uses(Feature::ConvertPartition, start);
        return Ok(Some(Action::ExchangePartition));
    }
    if reader.take_all(&["coalesce", "partition"]) {
        reader.number()?;
        return Ok(Some(Action::Other));
    }
    if reader.take_all(&["reorganize", "partition"]) {
        if !reader.is_end() {
            reader.list(Reader::name)?;
            reader.need("into")?;
            reader.balanced()?;
        }
        return Ok(Some(Action::Other));
    }
    let Some(word) = LOST.into_iter().chain(KEPT).find(|word| reader.are(&[word, "partition"])) else {
        return Ok(None);
    };
    reader.take_all(&[word, "partition"]);
    reader.take_one(&["no_write_to_binlog", "local"]);
    reader.list(Reader::name)?;
    reader.take("tablespace");
    if word == "check" || word == "repair" {
        while reader.take_all(&["for", "upgrade"])
            || reader.take_one(&["quick", "fast", "medium", "extended", "changed", "use_frm"])
        {}
    }
    Ok(Some(if LOST.contains(&word) { Action::LosePartition } else { Action::Other }))
}
