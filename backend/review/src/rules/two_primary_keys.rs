use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::{Action, Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("two-primary-keys", Level::Error, include_str!("two_primary_keys.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) => {
            let columns = create.columns.iter().filter(|column| column.key == Some(KeyKind::Primary));
            let keys = create.keys.iter().filter(|key| key.kind == KeyKind::Primary).map(|key| key.span);
            let mut all: Vec<Span> = columns.map(|column| column.span).chain(keys).collect();
            all.sort_by_key(|span| span.start);
            if let Some(second) = all.get(1) {
                say(tell, &create.table, *second, false);
            }
        }
        Shape::AlterTable(alter) => {
            let drops = alter.ops.iter().any(|op| match &op.action {
                Action::DropPrimaryKey => true,
                Action::DropKey(name, _) | Action::DropConstraint(name) => name.text.eq_ignore_ascii_case("primary"),
                _ => false,
            });
            let mut there = !drops && see.world.table(&alter.table).is_some_and(crate::facts::Table::has_primary_key);
            let known = there;
            for op in &alter.ops {
                let comes = match &op.action {
                    Action::AddKey(key, if_not_exists) => key.kind == KeyKind::Primary && !if_not_exists,
                    Action::AddColumns(columns, _) => columns.iter().any(|column| column.key == Some(KeyKind::Primary)),
                    Action::Modify(column) | Action::Change(_, column) => column.key == Some(KeyKind::Primary),
                    _ => false,
                };
                if comes && there {
                    return say(tell, &alter.table, op.span, known);
                }
                there |= comes;
            }
        }
        _ => {}
    }
}

fn say(tell: &mut Tell<'_>, table: &TableRef, span: Span, known: bool) {
    let table = words::table(table);
    tell.at(
        span,
        if known {
            said!("{table} has a primary key already.", "{table} 已经有主键。")
        } else {
            said!("{table} would get two primary keys.", "{table} 会有两个主键。")
        },
        said!(
            "A table has one primary key; the server refuses the statement (error 1068) and {table} stays as it is.",
            "一张表只能有一个主键，服务器会拒绝这条语句（错误 1068），{table} 不会有任何变化。",
        ),
        if known {
            said!(
                "To replace it, do both in one statement: ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (…). Else write UNIQUE KEY.",
                "要换主键，请在一条语句里完成：ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (…)。否则请写 UNIQUE KEY。",
            )
        } else {
            said!(
                "For a key of several columns write PRIMARY KEY (a, b) once; for another unique column write UNIQUE KEY.",
                "多列主键请只写一次 PRIMARY KEY (a, b)；另一个唯一的列请用 UNIQUE KEY。",
            )
        },
    );
}
