use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("limit-in-update-or-delete", Level::Warning, include_str!("limit_in_update_or_delete.md"), check).exclusive("limit-in-update-or-delete");

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let (Some(limit), Some(target)) = (change.limit, change.tables.first()) else { return };
    let table = words::table(&target.name);
    let why = if change.order.is_some() {
        said!(
            "Rows that are equal in the ORDER BY are taken by chance, and a replica that runs the statement may take others: {table} then differs.",
            "ORDER BY 相同的行是随机取的；从库执行同一条语句可能取到别的行，{table} 的数据就会不一致。",
        )
    } else {
        said!(
            "Without an order, chance decides which rows of {table} are taken, and a replica may take others.",
            "没有排序，取到 {table} 的哪些行全凭运气，从库可能取到别的行。",
        )
    };
    tell.at(
        limit,
        said!("LIMIT in a change of {table}.", "修改 {table} 时使用了 LIMIT。"),
        why,
        said!(
            "Choose the rows by their primary key: WHERE id IN (…) or WHERE id BETWEEN … AND …",
            "请用主键指定要改的行：WHERE id IN (…) 或 WHERE id BETWEEN … AND …",
        ),
    );
}
