use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-without-columns", Level::NeedsDba, include_str!("insert_without_columns.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let all_defaults = insert.values == Some(0);
    if insert.columns.is_some() || all_defaults {
        return;
    }
    let table = words::table(&insert.table);
    let known = see.world.table(&insert.table).filter(|table| !table.columns.is_empty());
    let word = if insert.replace { "REPLACE" } else { "INSERT" };
    let fix = match known {
        Some(known) => {
            let columns: Vec<String> = known.columns.iter().take(40).map(|column| words::quoted(&column.name)).collect();
            let columns = columns.join(", ");
            said!("Write: {word} INTO {table} ({columns}) …", "请写成：{word} INTO {table} ({columns}) …")
        }
        None => said!("Name them: {word} INTO {table} (column, …) …", "请写上列名：{word} INTO {table} (列, …) …"),
    };
    tell.at(
        insert.table.span(),
        said!("The {word} into {table} does not name its columns.", "对 {table} 的 {word} 没有写列名。"),
        said!(
            "It depends on the order of columns of {table}: after the next ADD COLUMN it fails, or, worse, writes values into the wrong columns.",
            "它依赖 {table} 的列顺序：下次加列之后就会报错，甚至把值写进错误的列。",
        ),
        fix,
    );
}
