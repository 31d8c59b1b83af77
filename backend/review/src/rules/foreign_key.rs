use super::{
    Rule,
    definitions::{After, new_columns},
    names::new_keys,
    words,
};
use crate::{
    facts::{Column, KeyKind},
    judge::{See, Tell},
    questions::changed_tables,
    shape::{KeyDef, Reference, TableRef},
    span::Span,
    types::ForeignAction,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("foreign-key", Level::NeedsDba, include_str!("foreign_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shape = &see.statement.shape;
    let Some(table) = changed_tables(shape).first().copied() else { return };
    for key in new_keys(shape).filter(|key| key.kind == KeyKind::Foreign) {
        if let Some(reference) = key.references.as_ref().filter(|_| !tell.is_full())
            && !refused(see, tell, table, key, reference)
        {
            say(tell, table, reference, key.span);
        }
    }
    for new in new_columns(shape) {
        if let Some(reference) = new.column.references.as_ref().filter(|_| !tell.is_full()) {
            say(tell, new.table, reference, reference.span);
        }
    }
}

fn say(tell: &mut Tell<'_>, table: &TableRef, reference: &Reference, span: Span) {
    let (table, parent) = (words::table(table), words::table(&reference.table));
    tell.at(
        span,
        said!("{table} gets a foreign key to {parent}.", "{table} 会有一个指向 {parent} 的外键。"),
        said!(
            "Each write to {table} then reads and locks rows of {parent}, cascades change rows that no statement names and no binlog row event shows on their own, and gh-ost and pt-online-schema-change can not alter either table as usual.",
            "此后每次写 {table} 都要读取并锁住 {parent} 的行；级联修改的行不出现在任何语句里；gh-ost 和 pt-online-schema-change 也无法照常变更这两张表。",
        ),
        said!(
            "Keep an index on the column and let the application look after the reference; if the constraint is needed, send it to a DBA.",
            "请只给这一列建索引，由应用保证引用正确；确实需要约束的话，请转交 DBA。",
        ),
    );
}

/// Whether the server refuses the key for certain; then that is told.
fn refused(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, key: &KeyDef, reference: &Reference) -> bool {
    let Some(after) = After::of(see) else { return false };
    let parent = see.world.table(&reference.table);
    let sets_null = [reference.on_delete, reference.on_update].contains(&ForeignAction::SetNull);
    for (at, part) in key.parts.iter().enumerate() {
        let Some(child) = after.column(&part.column) else { continue };
        let (shown, column) = (words::table(table), words::quoted(&part.column));
        if sets_null && !child.nullable {
            tell.leveled(
                Level::Error,
                key.span,
                said!("The foreign key would set {column} of {shown} to NULL, but it is NOT NULL.", "外键要把 {shown} 的 {column} 置为 NULL，但它是 NOT NULL。"),
                said!("The server refuses the statement (error 1830, or 1005 on MariaDB).", "服务器会拒绝这条语句（错误 1830，MariaDB 为 1005）。"),
                said!("Write ON DELETE RESTRICT, or let {column} be NULL.", "请写 ON DELETE RESTRICT，或让 {column} 允许 NULL。"),
            );
            return true;
        }
        let referred = reference.columns.get(at).zip(parent).and_then(|(name, parent)| parent.column(&name.text));
        if let Some(referred) = referred.filter(|referred| !alike(&child, referred)) {
            let (is, was) = (words::shown(&child.data_type), words::shown(&referred.data_type));
            let (parent, name) = (words::table(&reference.table), words::quoted(&referred.name));
            tell.leveled(
                Level::Error,
                key.span,
                said!(
                    "{column} of {shown} is {is}, but {name} of {parent} is {was}: a foreign key needs the same type.",
                    "{shown} 的 {column} 是 {is}，而 {parent} 的 {name} 是 {was}：外键要求类型相同。",
                ),
                said!("The server refuses the statement (error 3780, or 1005 on MariaDB).", "服务器会拒绝这条语句（错误 3780，MariaDB 为 1005）。"),
                said!("Make {column} {was} too.", "请把 {column} 也改成 {was}。"),
            );
            return true;
        }
    }
    false
}

/// Integers must agree in size and sign; of other types only those are judged that certainly differ.
fn alike(child: &Column, parent: &Column) -> bool {
    let (left, right) = (&child.column_type, &parent.column_type);
    if left.kind.is_integer() || right.kind.is_integer() {
        return left.kind == right.kind && left.unsigned == right.unsigned
            || [left.kind, right.kind].contains(&crate::types::TypeKind::Other);
    }
    true
}
