use super::{Rule, known};
use crate::{
    judge::{See, Tell},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("many-joined-tables", Level::Warning, include_str!("many_joined_tables.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.joined_tables;
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.sources.len() > most) {
        let (count, table) = (scope.sources.len(), known::called(scope));
        let Some(last) = scope.sources.last() else { continue };
        tell.at(
            last.span,
            said!("{count} tables are joined to {table}; {most} is the most that plans well.", "以 {table} 为首关联了 {count} 张表，建议不超过 {most} 张。"),
            said!("The server tries the orders in which it can read them; with each table the guess of how many rows there are gets worse.", "服务器要尝试各种读取顺序；每多一张表，行数的估计就更不准。"),
            Said::fixed("Fetch it in two steps, or leave out tables whose columns are not used.", "请分两步查询，或去掉没有用到列的表。"),
        );
    }
}
