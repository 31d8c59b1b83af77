use super::{Rule, names::new_keys, words};
use crate::{
    facts::{Key, KeyKind},
    judge::{See, Tell},
    questions::changed_tables,
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};
use std::borrow::Cow;

pub const RULE: Rule =
    Rule::new("column-in-many-indexes", Level::Warning, include_str!("column_in_many_indexes.md"), check);

/// Of a table with more indexes nobody counts on.
const MAX_KEYS: usize = 256;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shape = &see.statement.shape;
    let Some(table) = changed_tables(shape).first().copied() else { return };
    let Some(last) = new_keys(shape).filter(|key| key.kind != KeyKind::Foreign).last() else { return };
    let keys: Cow<'_, [Key]> = match shape {
        Shape::CreateTable(_) => see.made().map_or(Cow::default(), |made| Cow::Borrowed(made.keys.as_slice())),
        Shape::AlterTable(alter) => {
            let gone = |key: &Key| {
                alter.ops.iter().any(|op| {
                    matches!(&op.action, Action::DropKey(name, _) if key.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(&name.text)))
                })
            };
            let known = see.world.table(table).map(|table| table.keys.as_slice()).unwrap_or_default();
            let kept = known.iter().take(MAX_KEYS).filter(|key| !gone(key)).cloned();
            kept.chain(new_keys(shape).take(MAX_KEYS).map(crate::shape::KeyDef::key)).collect()
        }
        _ => return,
    };
    let most = see.settings.limits.indexes_per_column;
    for part in last.parts.iter().filter(|part| !part.is_expression) {
        let holds = |key: &&Key| {
            key.kind != KeyKind::Foreign && key.parts.iter().any(|other| other.column.eq_ignore_ascii_case(&part.column))
        };
        let count = keys.iter().filter(holds).count();
        if count <= most {
            continue;
        }
        let (table, column) = (words::table(table), words::quoted(&part.column));
        tell.at(
            last.span,
            said!(
                "{column} of {table} would stand in {count} indexes; {most} are enough for most columns.",
                "{table} 的 {column} 会出现在 {count} 个索引里，一般 {most} 个就够了。",
            ),
            said!(
                "Each UPDATE of {column} writes all {count} of them, and the optimiser may take the wrong one of several that look alike.",
                "每次 UPDATE {column} 都要写这 {count} 个索引；几个相似的索引也容易让优化器选错。",
            ),
            said!(
                "Join those that begin with the same columns, and drop those that no query uses.",
                "请合并前几列相同的索引，并删掉没有查询使用的。",
            ),
        );
        return;
    }
}
