use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Scope, Given},
    shape::ColumnUse,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("outer-column-in-sub-select", Level::NeedsDba, include_str!("outer_column_in_sub_select.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    for (outer, test) in known::tests(see) {
        let Tested::InQuery(_, _, start) = &test.what else { continue };
        let Some(inner) = queries.at(*start).filter(|inner| !inner.sources.is_empty() && known::all_known(see, inner)) else { continue };
        let [item] = inner.items.as_slice() else { continue };
        let (Given::Column(column) | Given::Bracketed(column)) = &item.what else { continue };
        if column.table.is_some() || known::column_of(see, inner, column).is_some() || has(see, inner, column) {
            continue;
        }
        if !has(see, outer, column) {
            continue;
        }
        let (name, inner_table, outer_table) = (words::quoted(&column.column.text), known::called(inner), known::called(outer));
        tell.leveled(
            known::by_harm(see),
            column.column.span,
            said!("{inner_table} has no column {name}: the one of {outer_table} is taken.", "{inner_table} 没有 {name} 列，取到的是外层 {outer_table} 的列。"),
            said!(
                "The server looks in the outer query for what the inner one lacks. So each row of {outer_table} is compared with itself, and every row matches as soon as {inner_table} has any row at all.",
                "内层查不到的列，服务器会到外层去找。于是 {outer_table} 的每一行都在和自己比较：只要 {inner_table} 里有数据，所有行都会命中。",
            ),
            said!("Name the right column of {inner_table}, with its table before it.", "请写上 {inner_table} 里正确的列，并带上表名。"),
        );
    }
}

fn has(see: &See<'_>, scope: &Scope, column: &ColumnUse) -> bool {
    scope.sources.iter().filter_map(|source| source.table.as_ref()).any(|table| see.world.table(table).is_some_and(|table| table.column(&column.column.text).is_some()))
}
