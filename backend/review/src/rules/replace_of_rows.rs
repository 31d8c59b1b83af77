use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("replace-of-rows", Level::Warning, include_str!("replace_of_rows.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    if !insert.replace {
        return;
    }
    let table = words::table(&insert.table);
    let left_out = match (&insert.columns, see.world.table(&insert.table)) {
        (Some(written), Some(known)) => {
            let other = known.columns.iter().filter(|column| !written.iter().any(|name| name.text.eq_ignore_ascii_case(&column.name)));
            words::list(other.map(|column| column.name.as_str()))
        }
        _ => String::new(),
    };
    let why = if left_out.is_empty() {
        said!(
            "REPLACE deletes the row of {table} that is in the way and writes a new one: foreign keys cascade, triggers of DELETE run, and columns that are not written are lost.",
            "REPLACE 会先删除 {table} 里冲突的行再写入新行：外键会级联，DELETE 触发器会执行，没写的列会丢失。",
        )
    } else {
        said!(
            "REPLACE deletes the row of {table} that is in the way: what stands there in {left_out} is lost, foreign keys cascade, triggers of DELETE run.",
            "REPLACE 会删除 {table} 里冲突的行：原来 {left_out} 的值会丢失，外键会级联，DELETE 触发器会执行。",
        )
    };
    tell.at(
        insert.table.span(),
        said!("REPLACE deletes rows of {table}.", "REPLACE 会删除 {table} 的行。"),
        why,
        Said::fixed(
            "Write INSERT … ON DUPLICATE KEY UPDATE with the columns that should change, or an UPDATE.",
            "请改用 INSERT … ON DUPLICATE KEY UPDATE 并写明要改的列，或者用 UPDATE。",
        ),
    );
}
