use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("plan-without-index", Level::Warning, include_str!("plan_without_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    // Larger tables are told by full-table-scan; on a very small one an index would not be used anyway.
    let most = see.settings.limits.scanned_rows;
    for (scan, rows) in known::scans(see).filter(|(scan, rows)| scan.is_full() && scan.key.is_none() && *rows <= most && *rows > 500) {
        let (table, rows) = (words::quoted(&scan.table), words::number(rows));
        tell.at(
            first_word(see.script.sql(), see.statement.span),
            said!("No index of {table} is used; about {rows} rows are read.", "没有用到 {table} 的索引，约读取 {rows} 行。"),
            said!("{table} is small today. As it grows, this statement grows slower with it, and locks more.", "{table} 现在还小；随着它变大，这条语句会越来越慢，锁也越来越多。"),
            said!("Choose rows of {table} by an indexed column.", "请用有索引的列来指定 {table} 的行。"),
        );
    }
}
