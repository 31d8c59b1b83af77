use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-foreign-key", Level::NeedsDba, include_str!("drop_foreign_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    for op in &alter.ops {
        let Action::DropForeignKey(name) = &op.action else { continue };
        let (table, shown) = (words::table(&alter.table), words::quoted(&name.text));
        tell.at(
            op.span,
            said!("This drops the foreign key {shown} of {table}.", "这会删除 {table} 的外键 {shown}。"),
            said!(
                "From then on {table} takes rows that point to nothing, and what {shown} removed or changed along with its parent stays behind.",
                "从那时起，{table} 可以写入指向不存在的行的数据；原来由 {shown} 级联删除或修改的行也会留下来。",
            ),
            Said::fixed(
                "Have the programs keep both sides right first, then send it to a DBA. The index under the key stays; drop it only if no query uses it.",
                "请先让程序自己保证两边一致，再转交 DBA。外键用的索引会保留，确认没有查询使用后再删。",
            ),
        );
    }
}
