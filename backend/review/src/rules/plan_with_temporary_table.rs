use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("plan-with-temporary-table", Level::Notice, include_str!("plan_with_temporary_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some((scan, rows)) = known::scans(see).find(|(scan, rows)| scan.temporary && *rows > 1_000) else { return };
    let (table, rows) = (words::quoted(&scan.table), words::number(rows));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("About {rows} rows of {table} go through a temporary table.", "{table} 的约 {rows} 行要经过临时表。"),
        said!("What does not fit into memory (tmp_table_size) is written to disk, beside {table}'s own load.", "内存（tmp_table_size）放不下的部分会写到磁盘，和 {table} 自身的负载争抢资源。"),
        said!("Group and sort {table} by the same columns, best those of one index.", "请按相同的列对 {table} 分组和排序，最好是同一个索引的列。"),
    );
}
