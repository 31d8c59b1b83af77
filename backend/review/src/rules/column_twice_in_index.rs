use super::{Rule, names::new_keys, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-twice-in-index", Level::Error, include_str!("column_twice_in_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for key in new_keys(&see.statement.shape) {
        let parts = || key.parts.iter().zip(&key.part_spans).take(64).enumerate();
        for (at, (part, span)) in parts() {
            let before = parts().take(at).any(|(_, (other, _))| {
                !other.is_expression && other.column.eq_ignore_ascii_case(&part.column)
            });
            if part.is_expression || !before || tell.is_full() {
                continue;
            }
            let column = words::quoted(&part.column);
            tell.at(
                *span,
                said!("{column} stands twice in one index.", "同一个索引里两次写了 {column}。"),
                said!("The server refuses the statement (error 1060).", "服务器会拒绝这条语句（错误 1060）。"),
                said!(
                    "Leave the second {column} out, or write the column that was meant.",
                    "请去掉第二个 {column}，或改成原本想写的列。",
                ),
            );
        }
    }
}
