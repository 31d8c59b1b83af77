use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("plan-sorts-rows", Level::Notice, include_str!("plan_sorts_rows.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some((scan, rows)) = known::scans(see).find(|(scan, rows)| scan.sorts && *rows > 1_000) else { return };
    let (table, rows) = (words::quoted(&scan.table), words::number(rows));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("About {rows} rows of {table} are sorted (filesort).", "约要对 {table} 的 {rows} 行排序（filesort）。"),
        said!("No index gives {table} in this order, so the first row comes only when all are sorted; what does not fit into sort_buffer_size goes to disk.", "没有索引能按这个顺序给出 {table} 的行，要全部排完才能返回第一行；sort_buffer_size 放不下的部分会写到磁盘。"),
        said!("Sort {table} by the columns of the index that the condition uses, or leave the order out.", "请按条件所用索引的列对 {table} 排序，或者去掉排序。"),
    );
}
