use super::{Rule, names::Columns, words};
use crate::{
    facts::{Key, KeyKind},
    judge::{See, Tell},
    shape::{Action, AlterTable, CreateTable, Name, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};
use std::collections::{HashMap, HashSet};

pub const RULE: Rule = Rule::new("duplicate-name", Level::Error, include_str!("duplicate_name.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) => created(tell, create),
        Shape::AlterTable(alter) => altered(see, tell, alter),
        _ => {}
    }
}

fn created(tell: &mut Tell<'_>, create: &CreateTable) {
    let table = words::table(&create.table);
    let mut columns = HashSet::new();
    for column in &create.columns {
        if !columns.insert(column.name.text.to_lowercase()) {
            say(tell, &column.name, &table, ("column", "列"));
        }
    }
    let mut keys = HashSet::new();
    for (key, name) in create.keys.iter().filter_map(|key| Some((key, key.name.as_ref()?))) {
        if !keys.insert((key.kind == KeyKind::Foreign, name.text.to_lowercase())) {
            say(tell, name, &table, ("index", "索引"));
        }
    }
}

fn altered(see: &See<'_>, tell: &mut Tell<'_>, alter: &AlterTable) {
    let Some(known) = see.world.table(&alter.table) else { return };
    let table = words::table(&alter.table);
    let Some(mut columns) = Columns::of(Some(known)) else { return };
    // Foreign keys (true) and indexes (false), which may bear the same name, that came (true) or went (false) in this
    // statement.
    let mut keys: HashMap<(bool, String), bool> = HashMap::new();
    for op in &alter.ops {
        match &op.action {
            Action::AddColumns(added, if_not_exists) => {
                for column in added {
                    if columns.has(&column.name.text) && !if_not_exists {
                        say(tell, &column.name, &table, ("column", "列"));
                    }
                    columns.add(&column.name.text);
                }
            }
            Action::AddKey(key, if_not_exists) => {
                let Some(name) = &key.name else { continue };
                let foreign = key.kind == KeyKind::Foreign;
                let same = |old: &Key| {
                    (old.kind == KeyKind::Foreign) == foreign
                        && old.name.as_ref().is_some_and(|old| old.eq_ignore_ascii_case(&name.text))
                };
                let there = keys.insert((foreign, name.text.to_lowercase()), true);
                if there.unwrap_or_else(|| known.keys.iter().any(same)) && !if_not_exists {
                    say(tell, name, &table, ("index", "索引"));
                }
            }
            Action::DropColumn(name, _) => columns.remove(&name.text),
            Action::Change(old, _) | Action::RenameColumn(old, _) => columns.remove(&old.text),
            Action::DropKey(name, _) | Action::RenameKey(name, _) => {
                keys.insert((false, name.text.to_lowercase()), false);
            }
            Action::DropForeignKey(name) => {
                keys.insert((true, name.text.to_lowercase()), false);
            }
            Action::DropConstraint(name) => {
                keys.insert((true, name.text.to_lowercase()), false);
                keys.insert((false, name.text.to_lowercase()), false);
            }
            _ => {}
        }
    }
}

fn say(tell: &mut Tell<'_>, name: &Name, table: &str, (en, zh): (&str, &str)) {
    let shown = words::quoted(&name.text);
    tell.at(
        name.span,
        said!("{table} has the {en} {shown} already.", "{table} 已经有名为 {shown} 的{zh}。"),
        said!("The server would refuse the statement.", "服务器会拒绝这条语句。"),
        said!("Choose another name, or leave this part out if it is there already.", "请换一个名称；如果本来就有，请去掉这一部分。"),
    );
}
