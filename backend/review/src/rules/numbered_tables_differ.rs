use super::{Rule, words};
use crate::{
    facts::Looked,
    judge::{See, Tell},
    numbered,
    shape::TableRef,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new("numbered-tables-differ", Level::NeedsDba, include_str!("numbered_tables_differ.md"), check);

/// Tables that are named with what differs.
const NAMED: usize = 3;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let series = see.mix.numbered.beginning_at(see.statement.index);
    let Some(first) = numbered::table(see.statement) else { return };
    // As they are before the script: in between, some are changed already.
    let before = |table: &TableRef| match see.facts.looked(&see.world.name(table)) {
        Some(Looked::Found(table)) => Some(table),
        Some(Looked::Absent) | None => None,
    };
    let Some(known) = before(first) else { return };
    let others = series.iter().filter_map(|index| numbered::table(see.script.statements().get(*index)?));
    let differing: Vec<(String, Said)> = others
        .filter_map(|other| Some((words::table(other), numbered::difference(known, before(other)?)?)))
        .collect();
    if differing.is_empty() {
        return;
    }
    let (count, all, table) = (differing.len(), series.len(), words::table(first));
    let named = |lang: fn(&Said) -> &str| -> Vec<String> {
        differing.iter().take(NAMED).map(|(name, said)| format!("{name} ({})", lang(said))).collect()
    };
    let (en, zh) = (named(|said| &said.en).join(", "), named(|said| &said.zh).join("，"));
    let more = if count > NAMED { " …" } else { "" };
    tell.at(
        first.span(),
        said!(
            "Not all of these {all} tables are built as {table} is: {en}{more} ({count} in all).",
            "这 {all} 张表里有 {count} 张与 {table} 的结构不同：{zh}{more}。",
        ),
        said!(
            "What is right for {table} may fail or do something else there, and half of the tables are changed by then.",
            "对 {table} 正确的语句，在那些表上可能报错或结果不同，而那时已经改了一部分表。",
        ),
        said!(
            "Bring those tables into line first, or leave them out of this ticket.",
            "请先让这些表的结构一致，或把它们从这个工单里去掉。",
        ),
    );
}
