use super::{Rule, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    mend::Edit,
    read::Statement,
    shape::{KeyDef, Name, Shape, TableRef},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "index-name-without-prefix",
    Level::Warning,
    include_str!("index_name_without_prefix.md"),
    check,
);

/// The most statements that are searched for the name of an index.
const MOST_SEARCHED: usize = 200;
/// The longest script that is searched for it.
const MOST_SEARCHED_BYTES: usize = 64 * 1024;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let limits = &see.settings.limits;
    let table = match &see.statement.shape {
        Shape::CreateTable(create) => &create.table,
        Shape::AlterTable(alter) => &alter.table,
        _ => return,
    };
    for key in super::names::new_keys(&see.statement.shape) {
        // To mend one it is compared with all others: not for what is not kept anyway.
        if tell.is_full() {
            return;
        }
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
        let (kind_en, kind_zh) =
            if key.kind == KeyKind::Unique { ("unique index", "唯一索引") } else { ("index", "索引") };
        let message = if name.is_empty() {
            said!("This {kind_en} has no name.", "这个{kind_zh}没有名称。")
        } else {
            let shown = words::quoted(name);
            said!(
                "The {kind_en} {shown} does not begin with `{first}`.",
                "{kind_zh} {shown} 没有以 `{first}` 开头。"
            )
        };
        let edits = renamed(see, table, key, &better);
        let table = words::table(table);
        let told = tell.at(
            span,
            message,
            said!(
                "In plans and error messages about {table} one sees only the index's name; the prefix tells what it is.",
                "在 {table} 的执行计划和报错里只能看到索引名；前缀能说明它是什么。",
            ),
            said!("Call it `{better}`.", "建议命名为 `{better}`。"),
        );
        told.mend(edits);
    }
}

/// The better name in the place of the other: certain where no other index has it and the script does not speak of the
/// index again.
fn renamed(see: &See<'_>, table: &TableRef, key: &KeyDef, better: &str) -> Vec<Edit> {
    let sql = see.script.sql();
    let is_better = |name: &Name| name.text.eq_ignore_ascii_case(better);
    let taken = see.world.table(table).is_some_and(|table| table.key(better).is_some())
        || super::names::new_keys(&see.statement.shape)
            .any(|other| other.name.as_ref().is_some_and(is_better));
    let wanted =
        super::names::new_keys(&see.statement.shape).filter(|other| same_columns(other, key)).count();
    if taken || wanted != 1 || key.parts.iter().any(|part| part.is_expression) {
        return Vec::new();
    }
    match &key.name {
        Some(name) if !is_said_elsewhere(see, &name.text) => {
            vec![Edit::replace(name.span, words::quoted(better))]
        }
        Some(_) => Vec::new(),
        None => {
            let text = key.span.of(sql);
            let Some(at) = text.find('(') else { return Vec::new() };
            let head = text.get(..at).unwrap_or_default().trim_end();
            let plain = ["index", "key", "unique", "unique index", "unique key"];
            if plain.contains(&head.to_ascii_lowercase().as_str()) {
                vec![Edit::insert(key.span.start + head.len(), format!(" {}", words::quoted(better)))]
            } else {
                Vec::new()
            }
        }
    }
}

fn same_columns(left: &KeyDef, right: &KeyDef) -> bool {
    let columns = |key: &KeyDef| key.parts.iter().map(|part| part.column.to_lowercase()).collect::<Vec<_>>();
    left.kind == right.kind && columns(left) == columns(right)
}

/// Whether another statement may speak of the index. Of a long script it is not asked.
fn is_said_elsewhere(see: &See<'_>, name: &str) -> bool {
    let statements = see.script.statements();
    let name = name.to_lowercase();
    let says = |statement: &Statement| see.script.text(statement).to_lowercase().contains(&name);
    statements.len() > MOST_SEARCHED
        || see.script.sql().len() > MOST_SEARCHED_BYTES
        || statements.iter().any(|statement| statement.index != see.statement.index && says(statement))
}

/// A name made of the prefix and the columns.
fn better(prefix: &str, key: &KeyDef) -> String {
    let columns: Vec<&str> =
        key.parts.iter().filter(|part| !part.is_expression).map(|part| part.column.as_str()).collect();
    let name = format!("{prefix}{}", columns.join("_"));
    name.chars().take(64).collect()
}
