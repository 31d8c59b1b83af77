use super::{Rule, definitions::new_columns};
use crate::{
    judge::{See, Tell},
    types::TypeKind,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};
use std::collections::HashSet;

pub const RULE: Rule =
    Rule::new("duplicate-enum-value", Level::Error, include_str!("duplicate_enum_value.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_columns(&see.statement.shape) {
        let of = &new.column.column_type;
        // A binary or case-sensitive collation tells capitals apart.
        let exact = of.charset.is_some() || of.collation.is_some();
        if !matches!(of.kind, TypeKind::Enum | TypeKind::Set) || tell.is_full() {
            continue;
        }
        let mut seen = HashSet::new();
        let mut again = of.members.iter().filter(|member| {
            let member = member.trim_end_matches(' ');
            !seen.insert(if exact || !member.is_ascii() { member.to_owned() } else { member.to_lowercase() })
        });
        let Some(value) = again.next() else { continue };
        let (table, column, value) = (new.table(), new.name(), super::words::shown(value));
        // Whether capitals count is the collation's matter where it is not written.
        let twice = of.members.iter().filter(|member| member.trim_end_matches(' ') == value.trim_end_matches(' ')).count() > 1;
        tell.leveled(
            if twice { Level::Error } else { Level::Warning },
            new.column.type_span,
            said!("{column} of {table} lists the value '{value}' twice.", "{table} 的 {column} 两次列出了 '{value}'。"),
            Said::fixed(
                "The server refuses the statement in strict mode (error 1291); capitals and blanks at the end make no difference in the usual collations.",
                "严格模式下服务器会拒绝（错误 1291）；常用的排序规则不区分大小写，也忽略末尾空格。",
            ),
            said!("Leave the second '{value}' out.", "请去掉第二个 '{value}'。"),
        );
    }
}
