use super::{Rule, names::new_columns, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("auto-increment-not-id", Level::Notice, include_str!("auto_increment_not_id.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let usual = &see.settings.limits.auto_increment_column;
    for (table, column) in new_columns(&see.statement.shape) {
        let name = &column.name;
        let counts = column.auto_increment.is_some();
        if !counts || name.text.eq_ignore_ascii_case(usual) {
            continue;
        }
        let (table, shown) = (words::table(table), words::quoted(&name.text));
        tell.at(
            name.span,
            said!("The counting column of {table} is called {shown}, not `{usual}`.", "{table} 的自增列叫 {shown}，不是 `{usual}`。"),
            said!(
                "Programs and tools that go through tables piece by piece expect `{usual}`; {table} needs an exception in each.",
                "按主键分批处理数据的程序和工具都默认用 `{usual}`；{table} 在每个地方都要特殊处理。",
            ),
            said!("Call the column `{usual}`.", "请把这一列命名为 `{usual}`。"),
        );
    }
}
