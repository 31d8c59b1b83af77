use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("full-index-scan", Level::Notice, include_str!("full_index_scan.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.scanned_rows;
    for (scan, rows) in known::scans(see).filter(|(scan, rows)| scan.is_full_index() && *rows > most) {
        let (table, rows) = (words::quoted(&scan.table), words::number(rows));
        let key = scan.key.as_deref().map(words::quoted).unwrap_or_default();
        tell.at(
            first_word(see.script.sql(), see.statement.span),
            said!("All of the index {key} of {table} is read: about {rows} entries.", "会读取 {table} 的整个索引 {key}：约 {rows} 项。"),
            said!("That is a full scan too, only of a smaller structure than {table} itself.", "这也是全扫描，只不过扫描的结构比 {table} 本身小一些。"),
            said!("Add a condition on the first column of {key}.", "请加上 {key} 第一列的条件。"),
        );
    }
}
