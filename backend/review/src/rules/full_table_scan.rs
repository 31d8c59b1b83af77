use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    plan::Scan,
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("full-table-scan", Level::Warning, include_str!("full_table_scan.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.scanned_rows;
    let writes = !known::stands_alone(see);
    // A write that reads an index from end to end locks every row too.
    let is_full = |scan: &Scan| scan.is_full() || writes && scan.is_full_index();
    for (scan, rows) in known::scans(see).filter(|(scan, rows)| is_full(scan) && *rows > most) {
        let (table, rows) = (words::quoted(&scan.table), words::number(rows));
        let (en, zh) = if writes {
            (" Each row that is passed is locked until the end, so that everybody else who writes there waits.", "经过的每一行都会锁到结束，其他写这张表的业务都要等待。")
        } else {
            (" What others need is pushed out of memory meanwhile.", "别人要用的数据会被挤出内存。")
        };
        tell.leveled(
            known::by_harm(see),
            first_word(see.script.sql(), see.statement.span),
            said!("All of {table} is read: about {rows} rows.", "会读取整个 {table}：约 {rows} 行。"),
            said!("In the server's plan no index narrows the rows of {table}.{en}", "在服务器的执行计划里，没有索引能缩小 {table} 的范围。{zh}"),
            said!("Choose rows of {table} by an indexed column, or ask for an index on the column of the condition.", "请用有索引的列来指定 {table} 的行，或者为条件列建索引。"),
        );
    }
}
