use super::{Rule, words};
use crate::{
    flavour::Flavour,
    judge::{See, Tell},
    shape::{Action, AlterOp, AlterTable, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("instant-change-mixed", Level::Warning, include_str!("instant_change_mixed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    let bytes = see.world.table(&alter.table).and_then(|table| table.bytes);
    let Some(bytes) = bytes.filter(|bytes| *bytes >= see.settings.limits.big_table_bytes) else { return };
    if !adds_instantly(see.settings.flavour) {
        return;
    }
    let Some(added) = alter.ops.iter().find(|op| is_instant(op)) else { return };
    let Some(slow) = slow_part(alter) else { return };
    let (table, size) = (words::table(&alter.table), words::bytes(bytes));
    let other = words::shown(slow.span.of(see.script.sql()));
    tell.at(
        added.span,
        said!(
            "Adding this column alone takes a moment; together with `{other}` it takes as long as that.",
            "单独加这一列瞬间就能完成；和 `{other}` 写在一起，就要和它一样久。",
        ),
        said!(
            "One ALTER has one algorithm: as a whole it goes through the {size} of {table}, and until that is done programs can not use the new column.",
            "一条 ALTER 只能用一种算法：整条语句都要处理 {table} 的 {size} 数据，做完之前程序都用不了新列。",
        ),
        said!(
            "On a table of this size write two: ALTER TABLE {table} ADD COLUMN …, ALGORITHM=INSTANT first, and the rest in a second one.",
            "这么大的表请分成两条：先 ALTER TABLE {table} ADD COLUMN …, ALGORITHM=INSTANT，其余的写在第二条里。",
        ),
    );
}

/// Whether the server can add a column without touching the rows.
fn adds_instantly(flavour: Flavour) -> bool {
    if flavour.is_mariadb() { flavour.at_least(10, 4) } else { flavour.at_least(8, 0) }
}

/// A plain column at the end.
fn is_instant(op: &AlterOp) -> bool {
    let Action::AddColumns(columns, _) = &op.action else { return false };
    op.position.is_none() && columns.iter().all(|column| column.key.is_none())
}

/// The first part that goes through all rows.
fn slow_part(alter: &AlterTable) -> Option<&AlterOp> {
    alter.ops.iter().find(|op| match &op.action {
        Action::AddKey(..) | Action::DropPrimaryKey | Action::Modify(_) | Action::Convert(..) | Action::PartitionBy => true,
        Action::Option(option) => matches!(option.name.as_str(), "engine" | "row_format" | "key_block_size"),
        _ => false,
    })
}
