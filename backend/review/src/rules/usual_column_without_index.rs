use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("usual-column-without-index", Level::Warning, include_str!("usual_column_without_index.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    if create.temporary {
        return;
    }
    let Some(made) = see.made() else { return };
    let leads = |column: &str| {
        made.keys.iter().any(|key| key.parts.first().is_some_and(|part| part.column.eq_ignore_ascii_case(column)))
    };
    for column in &create.columns {
        let name = &column.name.text;
        let wanted = see.settings.limits.indexed_columns.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        if !wanted || leads(name) {
            continue;
        }
        let (table, shown) = (words::table(&create.table), words::quoted(name));
        let index = words::quoted(&format!("{}{}", see.settings.limits.index_prefix, name.to_lowercase()));
        tell.at(
            column.name.span,
            said!("No index of {table} begins with {shown}.", "{table} 没有以 {shown} 开头的索引。"),
            said!(
                "Exports and archiving ask for ranges of {shown}; without an index each time they read all of {table}.",
                "同步和归档会按 {shown} 的范围查询；没有索引，每次都要扫描整张 {table}。",
            ),
            said!("Add KEY {index} ({shown}).", "请加上 KEY {index} ({shown})。"),
        );
    }
}
