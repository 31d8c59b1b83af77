use super::{Rule, known};
use crate::{
    judge::{See, Tell},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("mixed-sort-directions", Level::Notice, include_str!("mixed_sort_directions.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let flavour = see.settings.flavour;
    let has_descending_indexes = if flavour.is_mariadb() { flavour.at_least(10, 8) } else { flavour.at_least(8, 0) };
    for scope in &see.statement.queries.scopes {
        let down = scope.order.iter().filter(|key| key.descending).count();
        let Some(first) = scope.order.first().filter(|_| down > 0 && down < scope.order.len()) else { continue };
        let table = known::called(scope);
        let (en, zh) = if has_descending_indexes {
            ("Only an index with the very same directions gives that order.", "只有方向完全一致的索引才能提供这种顺序。")
        } else {
            ("This server has no index with two directions: all rows are sorted.", "这个版本没有混合方向的索引：所有行都要排序。")
        };
        tell.at(
            first.by.span(),
            said!("Rows of {table} are sorted upwards and downwards at once.", "{table} 的行同时按升序和降序排序。"),
            said!("{en}", "{zh}"),
            Said::fixed("One direction for all columns, or an index such as (a, b DESC).", "请统一方向，或建立 (a, b DESC) 这样的索引。"),
        );
    }
}
