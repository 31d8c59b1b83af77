use super::{Rule, known};
use crate::{
    judge::{See, Tell},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("many-or-conditions", Level::Warning, include_str!("many_or_conditions.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.or_conditions;
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.ors > most) {
        let (Some(condition), ors, table) = (scope.condition, scope.ors, known::called(scope)) else { continue };
        tell.at(
            known::whole(see, condition),
            said!("The condition on {table} has {ors} ORs; {most} is the most that reads well.", "{table} 的条件里有 {ors} 个 OR，建议不超过 {most} 个。"),
            said!(
                "The server must find an index for every part; where one has none, all of {table} is read. And nobody sees whether one part is wrong.",
                "服务器要给每一部分都找到索引，只要有一部分没有，就要读整个 {table}。而且哪一部分写错了，谁也看不出来。",
            ),
            Said::fixed("For values of one column write IN (…); else one statement for each case.", "同一列的多个值请用 IN (…)；不同情况请拆成多条语句。"),
        );
    }
}
