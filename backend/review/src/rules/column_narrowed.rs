use super::{Rule, words};
use crate::{
    facts::Column,
    judge::{See, Tell},
    shape::{Action, ColumnDef, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("column-narrowed", Level::NeedsDba, include_str!("column_narrowed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let Some(known) = see.world.table(&alter.table) else { return };
    for op in &alter.ops {
        let (name, new) = match &op.action {
            Action::Modify(new) => (&new.name, new),
            Action::Change(old, new) => (old, new),
            _ => continue,
        };
        let Some(old) = known.column(&name.text) else { continue };
        if tell.is_full() || fits(old, new) {
            continue;
        }
        let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
        let (was, becomes) = (described(&old.data_type, old.nullable), described(&new.data_type, new.nullable));
        tell.at(
            op.span,
            said!(
                "{column} of {table} changes from {was} to {becomes}: not every value may fit.",
                "{table} 的 {column} 从 {was} 变成 {becomes}：原有的值不一定都放得下。",
            ),
            said!(
                "Values of {column} that do not fit are cut or changed, or make the ALTER fail after it has copied much of {table}.",
                "{column} 里放不下的值会被截断或改变，或者让 ALTER 在复制了大半张 {table} 之后失败。",
            ),
            said!(
                "Look first for values that do not fit. If there are none, send it to a DBA; else keep {was}.",
                "请先查一查有没有放不下的值。如果没有，请转交 DBA；否则请保留 {was}。",
            ),
        );
    }
}

fn described(data_type: &str, nullable: bool) -> String {
    let data_type = words::shown(data_type);
    if nullable { format!("`{data_type}`") } else { format!("`{data_type} NOT NULL`") }
}

/// Whether every value of the old column certainly fits the new one.
fn fits(old: &Column, new: &ColumnDef) -> bool {
    let nulls_fit = !old.nullable || new.nullable;
    let (old, new) = (normal(&old.data_type), normal(&new.data_type));
    nulls_fit && (old == new || integer_fits(&old, &new) || text_fits(&old, &new))
}

/// Without what makes no difference: `int(11)` is `int`, `integer` too.
fn normal(data_type: &str) -> String {
    let data_type = data_type.replace(" zerofill", "").replace("integer", "int");
    match size(&data_type) {
        Some(_) => {
            let (word, rest) = data_type.split_once('(').unwrap_or((&data_type, ""));
            if rest.contains("unsigned") { format!("{word} unsigned") } else { word.to_owned() }
        }
        None => match data_type.as_str() {
            "bool" | "boolean" => "tinyint".to_owned(),
            other => other.replace("numeric", "decimal").replace("character", "char"),
        },
    }
}

/// Bytes of an integer type.
fn size(data_type: &str) -> Option<u8> {
    let word = data_type.split(['(', ' ']).next()?;
    Some(match word {
        "tinyint" => 1,
        "smallint" => 2,
        "mediumint" => 3,
        "int" => 4,
        "bigint" => 8,
        _ => return None,
    })
}

fn integer_fits(old: &str, new: &str) -> bool {
    let (Some(before), Some(after)) = (size(old), size(new)) else { return false };
    match (old.contains("unsigned"), new.contains("unsigned")) {
        (false, false) | (true, true) => after >= before,
        (true, false) => after > before,
        (false, true) => false,
    }
}

/// `varchar(10)` fits `varchar(20)` and the text types; a text type fits a longer one. Sizes of texts are in bytes.
fn text_fits(old: &str, new: &str) -> bool {
    let (Some((old_binary, before)), Some((new_binary, after))) = (capacity(old), capacity(new)) else { return false };
    old_binary == new_binary && after >= before
}

/// Whether a type holds bytes instead of characters, and the most bytes that it can hold.
fn capacity(data_type: &str) -> Option<(bool, u64)> {
    let (word, rest) = data_type.split_once('(').unwrap_or((data_type, ""));
    let length = rest.split(')').next().and_then(|digits| digits.parse::<u64>().ok());
    Some(match word {
        // Four bytes a character, whatever the character set.
        "char" | "varchar" => (false, length.unwrap_or(1).saturating_mul(4)),
        "binary" | "varbinary" => (true, length.unwrap_or(1)),
        "tinytext" => (false, 255),
        "text" => (false, 65_535),
        "mediumtext" => (false, 16_777_215),
        "longtext" => (false, u64::from(u32::MAX)),
        "tinyblob" => (true, 255),
        "blob" => (true, 65_535),
        "mediumblob" => (true, 16_777_215),
        "longblob" => (true, u64::from(u32::MAX)),
        _ => return None,
    })
}
