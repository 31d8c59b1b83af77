use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Given,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("distinct-star", Level::Notice, include_str!("distinct_star.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.distinct) {
        let Some(item) = scope.items.iter().find(|item| item.what == Given::Star) else { continue };
        let table = known::called(scope);
        let single = scope.sources.len() == 1;
        let (en, zh) = if single {
            ("With its primary key among the columns no two rows are equal: all are compared for nothing.", "列里包含主键，不可能有两行相同：比较是白费的。")
        } else {
            ("Most often a join gives rows twice because a condition is missing, and DISTINCT hides it.", "多半是关联少了条件才产生重复行，DISTINCT 只是把问题盖住了。")
        };
        tell.at(
            item.span,
            said!("DISTINCT over all columns of {table}.", "对 {table} 的所有列使用 DISTINCT。"),
            said!("{en}", "{zh}"),
            Said::fixed("Leave DISTINCT out, or name the columns that should differ.", "请去掉 DISTINCT，或写明需要去重的列。"),
        );
    }
}
