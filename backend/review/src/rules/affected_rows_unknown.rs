use super::{Rule, words};
use crate::{
    facts::{Counted, Prepared},
    judge::{See, Tell, changes_unwritten_rows},
    questions::changed_tables,
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("affected-rows-unknown", Level::NeedsDba, include_str!("affected_rows_unknown.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let index = see.statement.index;
    let broken = matches!(see.facts.syntax.get(&index), Some(Prepared::SyntaxError(_)));
    let refused = broken || see.refusal().is_some();
    if !see.facts.live || refused || !changes_unwritten_rows(&see.statement.shape) {
        return;
    }
    if tell.has_told(&["unknown-table", "unknown-column"]) {
        return;
    }
    let reason = match see.facts.counted.get(&index) {
        Some(Counted::Rows(_)) => return,
        Some(Counted::TimedOut) => Said::fixed(
            "counting them took too long, so the condition finds no index that helps",
            "统计超时，说明条件没有可用的索引",
        ),
        Some(Counted::Failed(number, sentence)) => {
            let sentence = words::shown(sentence);
            said!("the server could not count them: {sentence} (error {number})", "服务器无法统计：{sentence}（错误 {number}）")
        }
        Some(Counted::Skipped) => Said::fixed(
            "the ticket has so many statements that the time for counting ran out",
            "工单里的语句太多，统计的时间用完了",
        ),
        None => Said::fixed(
            "they can not be counted beforehand (an earlier statement changes the table, or the statement can not be turned into a count)",
            "事先无法统计（前面的语句改动了这张表，或者这条语句无法改写成统计查询）",
        ),
    };
    let table = changed_tables(&see.statement.shape).first().map(|table| words::table(table)).unwrap_or_default();
    let Said { en, zh } = reason;
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("How many rows of {table} this changes is not known: {en}.", "不知道这会改动 {table} 多少行：{zh}。"),
        said!(
            "What is not counted does not pass by itself; EXPLAIN's estimate can be wrong a thousandfold.",
            "没有数清就不能自动通过；EXPLAIN 的估算可能相差上千倍。",
        ),
        said!(
            "Choose the rows by an indexed column, best the primary key of {table}; or send it to a DBA.",
            "请用有索引的列（最好是 {table} 的主键）指定要改的行；或者转交 DBA。",
        ),
    );
}
