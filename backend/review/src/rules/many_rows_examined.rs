use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("many-rows-examined", Level::Warning, include_str!("many_rows_examined.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.examined_rows;
    if tell.has_told(&["full-table-scan"]) {
        return;
    }
    let Some(explained) = see.facts.explained.get(&see.statement.index) else { return };
    let Some(rows) = explained.plan.examined().filter(|rows| *rows > most) else { return };
    let tables = words::list(explained.plan.scans.iter().filter(|scan| scan.is_table()).map(|scan| scan.table.as_str()));
    let (rows, most) = (words::number(rows), words::number(most));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("About {rows} rows are looked at in {tables}; {most} is the most that is quick.", "约要检查 {tables} 的 {rows} 行，建议不超过 {most} 行。"),
        said!("Rows of one table are multiplied by those that each of them finds in the next; the servers of {tables} are busy with it for long.", "一张表的行数要乘以它在下一张表里找到的行数；{tables} 所在的服务器会为此忙很久。"),
        Said::fixed("Narrow the first table by an index, or split the statement by ranges of the primary key.", "请用索引缩小第一张表的范围，或按主键范围拆分语句。"),
    );
}
