use super::{Rule, words, known};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("primary-key-updated", Level::NeedsDba, include_str!("primary_key_updated.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change), Some(scope)) = (&see.statement.shape, see.statement.queries.change()) else { return };
    for set in &change.sets {
        let Some((source, table, column)) = known::column_of(see, scope, set) else { continue };
        let primary = table.keys.iter().find(|key| key.kind == KeyKind::Primary);
        let is_part = primary.is_some_and(|key| key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&column.name)));
        let (true, Some(name)) = (is_part, &source.table) else { continue };
        let (table, column) = (words::table(name), words::quoted(&column.name));
        tell.at(
            known::whole(see, set.column.span),
            said!("{column} is the primary key of {table}, and is changed.", "{column} 是 {table} 的主键，这里要修改它。"),
            said!(
                "InnoDB keeps the rows of {table} in order of {column}: each is moved, and every index with it. What refers to the old number elsewhere, in tables, caches or logs, points to nothing.",
                "InnoDB 按 {column} 存放 {table} 的行：每一行都要搬动，所有索引也要改；别的表、缓存、日志里引用的旧值就都失效了。",
            ),
            said!(
                "Leave {column} as it is and change another column; where a number must change, insert a new row, move what refers to it, and delete the old one.",
                "请不要动 {column}，改用别的列；确实要换的话，先插入新行，把引用迁过去，再删除旧行。",
            ),
        );
    }
}
