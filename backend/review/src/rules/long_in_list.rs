use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Tested,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("long-in-list", Level::Warning, include_str!("long_in_list.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.in_list;
    for (scope, test) in known::tests(see) {
        let Tested::InList(list) = &test.what else { continue };
        if list.len <= most {
            continue;
        }
        let shown = list.left.column().map_or_else(|| known::text(see, list.left.span()), |column| known::shown(see, scope, column));
        let (len, table) = (list.len, known::called(scope));
        tell.at(
            known::whole(see, list.left.span()),
            said!("The list for {shown} has {len} values; {most} is a good size.", "{shown} 的列表有 {len} 个值，建议不超过 {most} 个。"),
            said!(
                "Beyond a limit (eq_range_index_dive_limit) the server no longer looks up each value but guesses, and may read all of {table} instead of using the index.",
                "超过限度（eq_range_index_dive_limit）后，服务器不再逐个估算而是靠猜，可能放弃索引去读整个 {table}。",
            ),
            said!("Split the list into statements of up to {most} values, or join with a table that holds them.", "请拆成多条语句，每条不超过 {most} 个值，或者把这些值放进一张表再关联。"),
        );
    }
}
