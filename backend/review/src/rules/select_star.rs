use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Given},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("select-star", Level::Notice, include_str!("select_star.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    let asks_only: Vec<usize> = known::tests(see).filter_map(|(_, test)| if let Tested::Exists(_, start) = test.what { Some(start) } else { None }).collect();
    for scope in queries.scopes.iter().filter(|scope| !asks_only.contains(&scope.span.start)) {
        let star = scope.items.iter().find(|item| matches!(item.what, Given::Star | Given::StarOf(_)));
        let Some(item) = star.filter(|_| scope.has_from) else { continue };
        let table = known::called(scope);
        let columns = scope.sources.first().and_then(|source| see.world.table(source.table.as_ref()?)).map(|table| words::list(table.columns.iter().map(|column| column.name.as_str())));
        let fix = match columns.filter(|columns| !columns.is_empty()) {
            Some(columns) => said!("Name those that are needed, of {columns}.", "请写出需要的列：{columns}。"),
            None => Said::fixed("Name the columns that are needed.", "请写出需要的列。"),
        };
        tell.at(
            item.span,
            said!("All columns of {table} are taken.", "取了 {table} 的所有列。"),
            said!(
                "Whoever adds a column to {table} changes what this gives; long texts are fetched for nothing, and an index that holds all that is needed can not serve alone.",
                "以后给 {table} 加一列，结果就会变；大字段会被白白读出来，也用不上覆盖索引。",
            ),
            fix,
        );
    }
}
