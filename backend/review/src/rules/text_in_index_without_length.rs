use super::{Rule, definitions::After, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    questions::changed_tables,
    types::TypeKind,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new("text-in-index-without-length", Level::Error, include_str!("text_in_index_without_length.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if new_keys(&see.statement.shape).next().is_none() {
        return;
    }
    let (Some(after), Some(table)) = (After::of(see), changed_tables(&see.statement.shape).first().copied()) else {
        return;
    };
    let mariadb = see.settings.flavour.is_mariadb();
    for key in new_keys(&see.statement.shape) {
        if !matches!(key.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain) {
            continue;
        }
        for (part, span) in key.parts.iter().zip(&key.part_spans).take(64) {
            let Some(column) = after.column(&part.column).filter(|_| !part.is_expression) else { continue };
            let kind = column.column_type.kind;
            let json = kind == TypeKind::Json;
            let whole_text = part.prefix.is_none() && (kind.is_text() || kind.is_blob());
            // MariaDB hashes a unique index; its JSON is a LONGTEXT.
            if !(whole_text || json) || mariadb && key.kind == KeyKind::Unique || tell.is_full() {
                continue;
            }
            let (shown, name) = (words::table(table), words::quoted(&part.column));
            let level = if mariadb && key.kind == KeyKind::Plain { Level::Warning } else { Level::Error };
            tell.leveled(
                level,
                *span,
                if json {
                    said!("{name} of {shown} is JSON and can not be indexed itself.", "{shown} 的 {name} 是 JSON，不能直接建索引。")
                } else {
                    said!(
                        "{name} of {shown} is a TEXT or BLOB; an index on it needs a length.",
                        "{shown} 的 {name} 是 TEXT 或 BLOB，建索引要写长度。",
                    )
                },
                if level == Level::Warning {
                    said!(
                        "MariaDB indexes as many characters of {name} as fit and notes that the index was too long: it becomes as big as an index can be.",
                        "MariaDB 会按能放下的最大长度给 {name} 建索引，并提示索引过长：索引会大到极限。",
                    )
                } else {
                    said!(
                        "The server refuses the statement (error {number}).",
                        "服务器会拒绝这条语句（错误 {number}）。",
                        number = if json { 3152 } else { 1170 },
                    )
                },
                if json {
                    Said::fixed(
                        "Index what is looked for in it: a generated column, or in MySQL an index on an expression such as ((CAST(doc->>'$.id' AS UNSIGNED))).",
                        "请给要查询的部分建索引：用生成列，或在 MySQL 中用表达式索引，例如 ((CAST(doc->>'$.id' AS UNSIGNED)))。",
                    )
                } else {
                    said!(
                        "Write how many characters tell the values apart, as {name}(50), or use a VARCHAR for what is looked up whole.",
                        "请写出足以区分各值的字符数，例如 {name}(50)；要整体查找的内容请用 VARCHAR。",
                    )
                },
            );
        }
    }
}
