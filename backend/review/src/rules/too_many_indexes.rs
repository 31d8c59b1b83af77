use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("too-many-indexes", Level::Warning, include_str!("too_many_indexes.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let is_index = |kind: KeyKind| kind != KeyKind::Foreign;
    let (table, span, count) = match &see.statement.shape {
        Shape::CreateTable(create) => {
            let made = see.made().map(|made| made.keys.as_slice()).unwrap_or_default();
            let count = made.iter().filter(|key| is_index(key.kind)).count();
            (&create.table, create.table.span(), count)
        }
        Shape::AlterTable(alter) => {
            let before = see.world.table(&alter.table).map_or(0, |table| table.keys.iter().filter(|key| is_index(key.kind)).count());
            let mut count = before;
            let mut last = None;
            for op in &alter.ops {
                match &op.action {
                    Action::AddKey(key, _) if is_index(key.kind) => {
                        count += 1;
                        last = Some(op.span);
                    }
                    Action::AddColumns(columns, _) => count += columns.iter().filter(|column| column.key.is_some()).count(),
                    Action::DropKey(..) | Action::DropPrimaryKey => count = count.saturating_sub(1),
                    _ => {}
                }
            }
            let Some(last) = last.filter(|_| count > before) else { return };
            (&alter.table, last, count)
        }
        _ => return,
    };
    let most = see.settings.limits.indexes_per_table;
    if count <= most {
        return;
    }
    let table = words::table(table);
    let level = if count > most.saturating_mul(2) { Level::NeedsDba } else { Level::Warning };
    tell.leveled(
        level,
        span,
        said!("{table} would have {count} indexes; {most} are enough for most tables.", "{table} 将有 {count} 个索引，一般的表 {most} 个就够了。"),
        said!(
            "Every INSERT, UPDATE and DELETE on {table} writes to each of them: writes get slower, and the table bigger.",
            "对 {table} 的每次 INSERT、UPDATE、DELETE 都要写所有索引：写入变慢，占用空间变大。",
        ),
        said!(
            "Drop indexes that no query uses, or join several into one with the common columns first.",
            "请删掉没有查询使用的索引，或把几个索引合并成一个，把共同的列放在前面。",
        ),
    );
}
