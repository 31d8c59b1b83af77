use super::{Rule, words};
use crate::{
    place,
    judge::{See, Tell},
    mend::Edit,
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("order-by-in-update-or-delete", Level::Warning, include_str!("order_by_in_update_or_delete.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let (Some(order), None, Some(target)) = (change.order, change.limit, change.tables.first()) else { return };
    // `SET place = place + 1 ORDER BY place DESC` keeps a unique index from being in the way.
    let written = place::pieces(see.script.sql(), order);
    let is_written = |name: &str| written.iter().any(|piece| piece.span.of(see.script.sql()).trim_matches('`').eq_ignore_ascii_case(name));
    if change.sets.iter().any(|set| is_written(&set.column.text)) {
        return;
    }
    let table = words::table(&target.name);
    tell.at(
        order,
        said!("ORDER BY in a change of {table} chooses nothing.", "修改 {table} 时写了 ORDER BY，但它并不挑选行。"),
        said!(
            "All rows that the WHERE finds are changed anyhow; the order only makes the server sort them first, and hold its locks on {table} for longer.",
            "WHERE 找到的行都会被修改；排序只会让服务器先做一次排序，对 {table} 持锁更久。",
        ),
        Said::fixed("Leave the ORDER BY out.", "请去掉 ORDER BY。"),
    )
    .mend(vec![Edit::delete(order)]);
}
