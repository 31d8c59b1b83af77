use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-or-update", Level::Notice, include_str!("insert_or_update.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    if !insert.on_duplicate {
        return;
    }
    let table = words::table(&insert.table);
    let unique = see.world.table(&insert.table).map_or(0, |table| table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique)).count());
    let level = if unique > 1 { Level::Warning } else { Level::Notice };
    let why = if unique > 1 {
        said!(
            "{table} has {unique} unique keys. Where a row clashes by one with one row and by another with another, only one of them is updated, and which is not defined; replicas may choose otherwise.",
            "{table} 有 {unique} 个唯一键。如果一行同时和两行冲突，只会更新其中一行，而且没有规定是哪一行；从库的选择可能不同。",
        )
    } else {
        said!(
            "Numbers of an AUTO_INCREMENT are used up even where a row of {table} is only updated, and under load such statements deadlock more easily.",
            "即使只是更新 {table} 的已有行，自增值也会被消耗；高并发时这种语句也更容易死锁。",
        )
    };
    tell.leveled(
        level,
        insert.table.span(),
        said!("Rows that {table} has already are changed by this INSERT.", "如果 {table} 里已有相同的行，这条 INSERT 会修改它。"),
        why,
        Said::fixed(
            "Where it is known which rows are there, write an UPDATE for those and an INSERT for the others.",
            "如果知道哪些行已经存在，请对它们写 UPDATE，其余的写 INSERT。",
        ),
    );
}
