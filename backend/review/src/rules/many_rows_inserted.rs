use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("many-rows-inserted", Level::Warning, include_str!("many_rows_inserted.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let most = see.settings.limits.insert_rows;
    if insert.rows <= most {
        return;
    }
    let (table, rows, most) = (words::table(&insert.table), words::number(insert.rows), words::number(most));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("One statement writes {rows} rows into {table}; {most} is a good size.", "一条语句向 {table} 写入 {rows} 行，建议不超过 {most} 行。"),
        said!(
            "It is one transaction: the binary log gets it as one piece, replicas of {table} wait until all of it is applied, and one bad row undoes all.",
            "它是一个事务：binlog 里是一整块，从库要等它全部应用完才能继续，任何一行出错整条都会回滚。",
        ),
        said!("Split it into several INSERTs of {most} rows or fewer.", "请拆成多条 INSERT，每条不超过 {most} 行。"),
    );
}
