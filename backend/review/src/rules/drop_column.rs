use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-column", Level::NeedsDba, include_str!("drop_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let known = see.world.table(&alter.table);
    for op in &alter.ops {
        let Action::DropColumn(name, _) = &op.action else { continue };
        let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
        let indexes: Vec<&str> = known
            .iter()
            .flat_map(|table| &table.keys)
            .filter(|key| key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&name.text)))
            .filter_map(|key| key.name.as_deref())
            .collect();
        let why = if indexes.is_empty() {
            said!(
                "The values in {column} are gone for good, and every program that still names the column fails at once.",
                "{column} 里的值会永久消失，仍在使用这一列的程序会立即报错。",
            )
        } else {
            let indexes = words::list(indexes.into_iter());
            said!(
                "The values in {column} are gone for good, every program that still names it fails at once, and the indexes {indexes} lose it too.",
                "{column} 里的值会永久消失，仍在使用这一列的程序会立即报错，索引 {indexes} 也会失去这一列。",
            )
        };
        tell.at(
            op.span,
            said!("This drops the column {column} of {table}.", "这会删除 {table} 的 {column} 列。"),
            why,
            said!(
                "First release programs that no longer use {column}; then send this to a DBA.",
                "请先发布不再使用 {column} 的程序版本，然后把它转交 DBA。",
            ),
        );
    }
}
