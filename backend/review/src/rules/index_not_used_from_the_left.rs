use super::{Rule, words, known};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    query::{Tested, Operand, Clause, Sign, Test},
    shape::ColumnUse,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("index-not-used-from-the-left", Level::Warning, include_str!("index_not_used_from_the_left.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let [source] = scope.sources.as_slice() else { continue };
        let Some(table) = source.table.as_ref().filter(|table| !see.statement.queries.is_with(table)) else { continue };
        let Some(known) = see.world.table(table).filter(|table| !table.is_view) else { continue };
        let needed: Vec<&ColumnUse> = scope.tests.iter().filter(|test| test.needed && test.clause == Clause::Where).filter_map(tested_column).collect();
        // One column with an index of its own is enough to find the rows.
        if needed.is_empty() || needed.iter().any(|column| known::leads_an_index(known, &column.column.text)) {
            continue;
        }
        let found = needed.iter().find_map(|column| {
            let key = known.keys.iter().find(|key| {
                matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain) && key.parts.iter().skip(1).any(|part| part.column.eq_ignore_ascii_case(&column.column.text))
            })?;
            Some((*column, key, key.parts.first()?))
        });
        let Some((column, key, first)) = found else { continue };
        let (table, first, shown) = (words::table(table), words::quoted(&first.column), known::shown(see, scope, column));
        let index = key.name.as_deref().map_or_else(|| "PRIMARY".to_owned(), words::quoted);
        tell.at(
            known::whole(see, column.column.span),
            said!("{shown} is in the index {index} of {table}, but not at its beginning.", "{shown} 在 {table} 的索引 {index} 里，但不是第一列。"),
            said!("An index is sorted by {first} first: without a condition on {first} it does not help to find rows, and all of {table} is read.", "索引先按 {first} 排序：没有 {first} 的条件，就没法用它定位行，只能读整个 {table}。"),
            said!("Add a condition on {first}, or ask for an index that begins with {shown}.", "请加上 {first} 的条件，或者建一个以 {shown} 开头的索引。"),
        );
    }
}

/// The column that an index could find the rows of a test by.
fn tested_column(test: &Test) -> Option<&ColumnUse> {
    match &test.what {
        Tested::InList(list) if !list.negated => list.left.column(),
        Tested::InQuery(Operand::Column(column), false, _)
        | Tested::Between(Operand::Column(column), _, _)
        | Tested::IsNull(Operand::Column(column), false)
        | Tested::Like(Operand::Column(column), Operand::Text(..), false) => Some(column),
        Tested::Compare(_, sign, _) if *sign != Sign::NotEqual => known::column_and_value(test).map(|(column, _)| column),
        _ => None,
    }
}
