use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-table", Level::NeedsDba, include_str!("drop_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::DropTable(drop) = &see.statement.shape else { return };
    if drop.temporary {
        return;
    }
    for target in drop.tables.iter().filter(|table| see.world.made_by(table).is_none()) {
        let table = words::table(target);
        let dbdesk_commands::lang::Said { en, zh } = see.rows_said(target);
        let old = words::quoted(&format!("{}_del", target.table.text));
        tell.at(
            target.span(),
            said!("DROP TABLE removes {table}{en}.", "DROP TABLE 会删除 {table}{zh}。"),
            said!(
                "A program that still reads {table} fails at once. Where the desk sets dropped tables aside, “Undo” brings it back for some days; \
                 after that only a restore from backup does, which takes hours.",
                "仍在读取 {table} 的程序会立即报错。启用了删表保留时，几天内可以用“撤销变更”找回；之后只能用备份恢复，要几个小时。",
            ),
            said!(
                "Send it to a DBA. The careful way: RENAME TABLE {table} TO {old} first, wait a week, and drop it when nothing complained.",
                "请转交 DBA。稳妥的做法：先 RENAME TABLE {table} TO {old}，观察一周，没有问题再删。",
            ),
        );
    }
}
