use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("update-without-where", Level::NeedsDba, include_str!("update_without_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Update(change) = &see.statement.shape else { return };
    if change.condition.is_some() || change.joined_on {
        return;
    }
    let Some(target) = crate::questions::changed_tables(&see.statement.shape).into_iter().next() else { return };
    let table = words::table(target);
    let dbdesk_commands::lang::Said { en, zh } = see.rows_said(target);
    let columns = words::list(change.sets.iter().map(|set| set.column.text.as_str()));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("This UPDATE on {table} has no WHERE.", "对 {table} 的 UPDATE 没有 WHERE。"),
        said!(
            "It overwrites {columns} in every row of {table}{en}; what stood there before is lost, all rows are locked until it ends, and replicas fall behind.",
            "它会覆盖 {table} 所有行{zh}的 {columns}；原来的值就丢了，执行期间锁住全部行，并造成从库延迟。",
        ),
        said!("Say which rows: UPDATE {table} SET … WHERE …", "请写明要改哪些行：UPDATE {table} SET … WHERE …"),
    );
}
