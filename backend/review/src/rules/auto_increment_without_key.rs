use super::{Rule, words};
use crate::{
    facts::{Key, KeyKind},
    judge::{See, Tell},
    shape::{Action, AlterTable, ColumnDef, CreateTable, Shape, TableRef},
    world::column_keys,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("auto-increment-without-key", Level::Error, include_str!("auto_increment_without_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) if create.select.is_none() && create.like.is_none() => created(see, tell, create),
        Shape::AlterTable(alter) => altered(see, tell, alter),
        _ => {}
    }
}

fn created(see: &See<'_>, tell: &mut Tell<'_>, create: &CreateTable) {
    let mut counting = create.columns.iter().filter(|column| column.auto_increment.is_some());
    let Some(first) = counting.next() else { return };
    if let Some(second) = counting.next() {
        twice(tell, &create.table, &first.name.text, second);
    }
    let Some(made) = see.made() else { return };
    if !is_keyed(&made.keys, &first.name.text, made.engine.as_deref()) {
        unkeyed(tell, &create.table, first);
    }
}

fn altered(see: &See<'_>, tell: &mut Tell<'_>, alter: &AlterTable) {
    let added = alter.ops.iter().filter_map(|op| match &op.action {
        Action::AddColumns(columns, _) => Some(columns),
        _ => None,
    });
    let Some(new) = added.flatten().find(|column| column.auto_increment.is_some()) else { return };
    let mut keys = column_keys(std::slice::from_ref(new));
    keys.extend(alter.ops.iter().filter_map(|op| match &op.action {
        Action::AddKey(key, _) => Some(key.key()),
        _ => None,
    }));
    let known = see.world.table(&alter.table);
    if !is_keyed(&keys, &new.name.text, known.and_then(|table| table.engine.as_deref())) {
        unkeyed(tell, &alter.table, new);
    }
    let Some(known) = known else { return };
    let stays = |name: &str| {
        !alter.ops.iter().any(|op| match &op.action {
            Action::DropColumn(gone, _) | Action::Change(gone, _) => gone.text.eq_ignore_ascii_case(name),
            Action::Modify(column) => column.name.text.eq_ignore_ascii_case(name),
            _ => false,
        })
    };
    if let Some(old) = known.columns.iter().find(|column| column.auto_increment && stays(&column.name)) {
        twice(tell, &alter.table, &old.name, new);
    }
}

/// Whether an index begins with the column. `MyISAM` and its like count within another column's values too.
fn is_keyed(keys: &[Key], column: &str, engine: Option<&str>) -> bool {
    let innodb = engine.is_none_or(|engine| engine.eq_ignore_ascii_case("innodb"));
    keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain)).any(|key| {
        key.parts.iter().enumerate().any(|(at, part)| (at == 0 || !innodb) && part.column.eq_ignore_ascii_case(column))
    })
}

fn unkeyed(tell: &mut Tell<'_>, table: &TableRef, column: &ColumnDef) {
    let (table, name) = (words::table(table), words::quoted(&column.name.text));
    tell.at(
        column.auto_increment.unwrap_or(column.span),
        said!("{name} of {table} counts by itself, and no index begins with it.", "{table} 的 {name} 是自增列，却没有以它开头的索引。"),
        said!(
            "The server refuses it (error 1075): to find the next number it needs an index of {table} that begins with {name}.",
            "服务器会拒绝（1075 错误）：它需要以 {name} 开头的索引，才能找到 {table} 的下一个编号。",
        ),
        said!("Add PRIMARY KEY ({name}), or a UNIQUE KEY on it.", "请加上 PRIMARY KEY ({name})，或给它加唯一索引。"),
    );
}

fn twice(tell: &mut Tell<'_>, table: &TableRef, first: &str, second: &ColumnDef) {
    let (table, first, second_name) = (words::table(table), words::quoted(first), words::quoted(&second.name.text));
    tell.at(
        second.auto_increment.unwrap_or(second.span),
        said!(
            "{table} would have two counting columns: {first} and {second_name}.",
            "{table} 将有两个自增列：{first} 和 {second_name}。",
        ),
        Said::fixed("The server allows one AUTO_INCREMENT column in a table (error 1075).", "一张表只能有一个 AUTO_INCREMENT 列（1075 错误）。"),
        said!("Leave AUTO_INCREMENT out of one of them.", "请去掉其中一列的 AUTO_INCREMENT。"),
    );
}
