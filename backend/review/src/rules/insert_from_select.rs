use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-from-select", Level::Warning, include_str!("insert_from_select.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let Some(select) = insert.select else { return };
    let Some(from) = insert.reads.first() else { return };
    let (table, from) = (words::table(&insert.table), words::table(from));
    tell.at(
        first_word(see.script.sql(), select),
        said!("The rows for {table} are read from {from} while it runs.", "写入 {table} 的行是执行时从 {from} 读出来的。"),
        said!(
            "Which rows these are is decided at that moment, not in the review; and until the end the rows read of {from} are locked, so that those who write there wait.",
            "到底是哪些行，要到执行那一刻才定，评审时看不到；而且在结束之前，读过的 {from} 的行都会被锁住，写 {from} 的业务要等待。",
        ),
        said!(
            "For few rows write them out with VALUES. For many, copy {from} in steps by its primary key, or ask a DBA for an archive.",
            "行数少时请用 VALUES 写出来；行数多时按 {from} 的主键分段复制，或者请 DBA 做归档。",
        ),
    );
}
