use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("table-without-index", Level::Notice, include_str!("table_without_index.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    let Some(made) = see.made() else { return };
    let indexed = made.keys.iter().any(|key| !matches!(key.kind, KeyKind::Primary | KeyKind::Foreign));
    if create.temporary || create.like.is_some() || create.select.is_some() || indexed {
        return;
    }
    let table = words::table(&create.table);
    tell.at(
        create.table.span(),
        said!("{table} has no index besides its primary key.", "{table} 除主键外没有别的索引。"),
        said!(
            "Every query of {table} by another column reads all of it; that is not felt while it is small.",
            "按其他列查询 {table} 都要扫描全表；数据少的时候感觉不到。",
        ),
        said!("Think of the queries that {table} is made for, and add an index for each kind.", "请想一想 {table} 会有哪些查询，给每一类查询建好索引。"),
    );
}
