use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    shape::{KeyDef, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("index-name-without-prefix", Level::Warning, include_str!("index_name_without_prefix.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let limits = &see.settings.limits;
    let table = match &see.statement.shape {
        Shape::CreateTable(create) => &create.table,
        Shape::AlterTable(alter) => &alter.table,
        _ => return,
    };
    for key in super::names::new_keys(&see.statement.shape) {
        let prefixes: Vec<&str> = match key.kind {
            KeyKind::Plain => vec![&limits.index_prefix],
            KeyKind::Unique => limits.unique_prefixes.iter().map(String::as_str).collect(),
            _ => continue,
        };
        let name = key.name.as_ref().map_or("", |name| &name.text);
        let Some(first) = prefixes.first() else { continue };
        if prefixes.iter().any(|prefix| name.to_lowercase().starts_with(prefix)) {
            continue;
        }
        let span = key.name.as_ref().map_or(key.span, |name| name.span);
        let better = better(first, key);
        let (kind_en, kind_zh) = if key.kind == KeyKind::Unique { ("unique index", "唯一索引") } else { ("index", "索引") };
        let message = if name.is_empty() {
            said!("This {kind_en} has no name.", "这个{kind_zh}没有名称。")
        } else {
            let shown = words::quoted(name);
            said!("The {kind_en} {shown} does not begin with `{first}`.", "{kind_zh} {shown} 没有以 `{first}` 开头。")
        };
        let table = words::table(table);
        tell.at(
            span,
            message,
            said!(
                "In plans and error messages about {table} one sees only the index's name; the prefix tells what it is.",
                "在 {table} 的执行计划和报错里只能看到索引名；前缀能说明它是什么。",
            ),
            said!("Call it `{better}`.", "建议命名为 `{better}`。"),
        );
    }
}

/// A name made of the prefix and the columns.
fn better(prefix: &str, key: &KeyDef) -> String {
    let columns: Vec<&str> = key.parts.iter().filter(|part| !part.is_expression).map(|part| part.column.as_str()).collect();
    let name = format!("{prefix}{}", columns.join("_"));
    name.chars().take(64).collect()
}
