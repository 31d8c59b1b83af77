use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("update-or-delete-without-limit", Level::Warning, include_str!("update_or_delete_without_limit.md"), check).off().exclusive("limit-in-update-or-delete");

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let (None, false, Some(target)) = (change.limit, change.multi, change.tables.first()) else { return };
    let table = words::table(&target.name);
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("This change of {table} has no LIMIT.", "对 {table} 的这次修改没有 LIMIT。"),
        said!(
            "By the rules of this group a LIMIT bounds what a wrong condition can do to {table}.",
            "按本组的规定，用 LIMIT 来限制条件写错时对 {table} 的影响。",
        ),
        Said::fixed(
            "Count the rows with a SELECT first, and end the statement with LIMIT and that number.",
            "请先用 SELECT 数清行数，再在语句末尾写 LIMIT 加上这个数字。",
        ),
    );
}
