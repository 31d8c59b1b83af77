use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("change-of-big-table", Level::Warning, include_str!("change_of_big_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if !see.statement.shape.is_dml() || matches!(&see.statement.shape, Shape::Insert(insert) if insert.select.is_none()) {
        return;
    }
    let most = see.settings.limits.big_table_bytes;
    for target in changed_tables(&see.statement.shape) {
        let Some(bytes) = see.world.table(target).and_then(|table| table.bytes).filter(|bytes| *bytes > most) else { continue };
        let (table, size) = (words::table(target), words::number(bytes >> 20));
        let Said { en, zh } = see.rows_said(target);
        tell.at(
            target.span(),
            said!("{table} is big: {size} MB{en}.", "{table} 很大：{size} MB{zh}。"),
            said!(
                "A condition that finds no index reads all of {table}, and the rows it passes stay locked while it does.",
                "如果条件用不上索引，就要读完整个 {table}，经过的行在此期间都会被锁住。",
            ),
            said!("Choose the rows by an index of {table}; split many rows into several statements by ranges of the primary key.", "请用 {table} 的索引来指定行；行数多时请按主键范围拆成多条语句。"),
        );
    }
}
