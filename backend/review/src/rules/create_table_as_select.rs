use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("create-table-as-select", Level::NeedsDba, include_str!("create_table_as_select.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    let Some(select) = create.select else { return };
    let table = words::table(&create.table);
    tell.at(
        select,
        said!("{table} would be made and filled by a query.", "{table} 将由查询结果创建并填充。"),
        said!(
            "The rows that the query reads stay locked while it runs, all in one transaction that nobody can pause; {table} gets no indexes, no AUTO_INCREMENT and no comments; and MySQL 5.7 with GTIDs refuses it (error 1786).",
            "查询读到的行在执行期间一直被锁住，整个过程是一个无法暂停的事务；{table} 没有索引、自增和注释；开启 GTID 的 MySQL 5.7 还会直接拒绝（1786 错误）。",
        ),
        said!(
            "Make {table} with CREATE TABLE {table} LIKE …, or write its columns out; then copy the rows in pieces, in a ticket of their own.",
            "请先用 CREATE TABLE {table} LIKE … 建表（或写出各列），再用另一张工单分批复制数据。",
        ),
    );
}
