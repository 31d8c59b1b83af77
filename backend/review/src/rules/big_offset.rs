use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("big-offset", Level::Warning, include_str!("big_offset.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.offset;
    for scope in &see.statement.queries.scopes {
        let Some((limit, offset)) = scope.limit.and_then(|limit| Some((limit, limit.offset.filter(|offset| *offset > most)?))) else { continue };
        let (table, offset) = (known::called(scope), words::number(offset));
        tell.at(
            limit.span,
            said!("{offset} rows of {table} are read only to be passed over.", "要先读取 {table} 的 {offset} 行，然后全部丢弃。"),
            said!("The further the page, the slower; rows that others insert meanwhile shift all pages of {table}.", "页数越靠后越慢；别人同时插入数据时，{table} 的所有分页都会错位。"),
            Said::fixed("Go on from the last row seen: WHERE id > last ORDER BY id LIMIT 20.", "请从上一页最后一行继续：WHERE id > 上一个 ORDER BY id LIMIT 20。"),
        );
    }
}
