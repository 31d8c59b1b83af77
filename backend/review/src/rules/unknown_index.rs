use super::{Rule, words};
use crate::{
    facts::{KeyKind, Table},
    judge::{See, Tell},
    shape::{Action, Name, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("unknown-index", Level::Error, include_str!("unknown_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    let Some(table) = see.world.table(&alter.table).filter(|table| !table.columns.is_empty()) else { return };
    for op in &alter.ops {
        let (Action::DropKey(name, false) | Action::RenameKey(name, _)) = &op.action else { continue };
        if tell.is_full() || has(table, name, see.facts.live) {
            continue;
        }
        let (shown, shown_table) = (words::quoted(&name.text), words::table(&alter.table));
        let known: Vec<&str> = table.keys.iter().filter_map(|key| key.name.as_deref()).collect();
        let fix = match words::nearest(&name.text, &known) {
            Some(near) => said!("Did you mean {near}?", "是不是想写 {near}？", near = words::quoted(near)),
            None if known.is_empty() => Said::fixed("Leave this part out.", "请去掉这一部分。"),
            None => {
                let all = words::list(known.into_iter());
                said!("Its indexes are {all}.", "它的索引有 {all}。")
            }
        };
        tell.at(
            name.span,
            said!("{shown_table} has no index {shown}.", "{shown_table} 没有索引 {shown}。"),
            Said::fixed("The server would refuse the statement.", "服务器会拒绝这条语句。"),
            fix,
        );
    }
}

/// An index without a name is called after its first column (`a`, `a_2` …); a foreign key may have brought one of its
/// own.
fn has(table: &Table, name: &Name, live: bool) -> bool {
    let wanted = name.text.to_lowercase();
    let called_after = |column: &str| {
        let rest = wanted.strip_prefix(&column.to_lowercase());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    wanted == "primary"
        || table.key(&name.text).is_some()
        || table.keys.iter().any(|key| match key.kind {
            // The server tells the indexes that foreign keys brought; a schema file does not.
            KeyKind::Foreign => !live,
            KeyKind::Primary => false,
            _ => key.name.is_none() && key.parts.first().is_some_and(|part| called_after(&part.column)),
        })
}
