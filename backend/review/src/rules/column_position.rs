use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-position", Level::Notice, include_str!("column_position.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let flavour = see.settings.flavour;
    // MySQL adds a column anywhere in a moment since 8.0.29, MariaDB since 10.4.
    let anywhere = if flavour.is_mariadb() { flavour.at_least(10, 4) } else { flavour.at_least(8, 4) };
    for op in &alter.ops {
        let Some(position) = op.position else { continue };
        let adds = matches!(op.action, Action::AddColumns(..));
        if adds && anywhere {
            continue;
        }
        let table = words::table(&alter.table);
        let word = words::shown(position.of(see.script.sql()));
        let message = said!("`{word}` gives the column a place in {table}.", "`{word}` 指定了列在 {table} 里的位置。");
        if adds {
            tell.at(
                position,
                message,
                said!(
                    "Before MySQL 8.0.29 only a column at the end is added in a moment: with `{word}` all of {table} is written anew.",
                    "MySQL 8.0.29 之前，只有加在最后的列能瞬间完成；带上 `{word}` 就要把整张 {table} 重写一遍。",
                ),
                said!("Leave it out: programs name their columns, the order makes no difference.", "请去掉它：程序按列名取值，顺序并不影响。"),
            );
        } else {
            tell.at(
                position,
                message,
                said!(
                    "To move a column the server writes all of {table} anew, and nothing is gained by it.",
                    "移动列的位置要把整张 {table} 重写一遍，却没有实际好处。",
                ),
                said!("Leave it out and list the columns in the query in the order you want.", "请去掉它，查询时按需要的顺序列出各列即可。"),
            );
        }
    }
}
