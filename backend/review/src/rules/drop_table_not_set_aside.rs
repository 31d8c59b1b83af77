use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("drop-table-not-set-aside", Level::Warning, include_str!("drop_table_not_set_aside.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::DropTable(drop) = &see.statement.shape else { return };
    let suffix = &see.settings.limits.dropped_suffix;
    if drop.temporary {
        return;
    }
    for target in drop.tables.iter().filter(|table| see.world.made_by(table).is_none()) {
        let name = &target.table.text;
        if name.to_lowercase().ends_with(&suffix.to_lowercase()) {
            continue;
        }
        let (table, aside) = (words::table(target), words::quoted(&format!("{name}{suffix}")));
        tell.at(
            target.span(),
            said!("{table} is dropped without having been set aside as {aside}.", "{table} 没有先改名为 {aside} 就直接删除。"),
            said!(
                "A rename can be taken back in a moment when a forgotten program complains; a dropped {table} only from backup.",
                "如果还有程序在用，改名可以马上改回来；{table} 一旦删除，只能从备份恢复。",
            ),
            said!("RENAME TABLE {table} TO {aside} now, and drop {aside} in another ticket some days later.", "现在先 RENAME TABLE {table} TO {aside}，过几天再用另一张工单删除 {aside}。"),
        );
    }
}
