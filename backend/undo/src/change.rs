//! `UPDATE` and `DELETE`: the rows that they will touch are read by a `SELECT` of their own words.

use crate::{
    chance::{calls_known, is_constant, orders_by},
    field::quoted,
    images::Layout,
    kept::{Deed, Found, Kept},
    lack::Lack,
    table::{called, known, stands_alone},
};
use dbdesk_review::{
    Facts, Script, Statement,
    questions::limit_of,
    shape::{Change, TableRef, TableUse},
};

pub(crate) fn plan(
    script: &Script,
    (statement, change): (&Statement, &Change),
    deed: Deed,
    facts: &Facts,
    (database, most): (Option<&str>, u64),
) -> Result<Vec<Kept>, Lack> {
    let text = script.sql();
    calls_known(script.text(statement))?;
    let condition = change.condition.as_ref().map(|condition| condition.span);
    let chosen = [change.with, Some(change.tables_span), condition, change.order];
    for span in chosen.into_iter().flatten() {
        is_constant(span.of(text))?;
    }
    let targets = targets(change, deed)?;
    targets.into_iter().map(|target| kept(text, change, (target, deed), facts, (database, most))).collect()
}

/// The tables whose rows change, as the statement calls them.
fn targets(change: &Change, deed: Deed) -> Result<Vec<&TableUse>, Lack> {
    if change.has_derived && !change.multi {
        return Err(Lack::Form);
    }
    if !change.multi {
        return Ok(change.tables.iter().take(1).collect());
    }
    if deed == Deed::Delete {
        let aimed = |target: &TableRef| {
            let by_alias =
                |table: &&TableUse| target.database.is_none() && table.answers_to(&target.table.text);
            let by_name = |table: &&TableUse| table.name.table.text == target.table.text;
            change
                .tables
                .iter()
                .find(by_alias)
                .or_else(|| change.tables.iter().find(by_name))
                .ok_or(Lack::Form)
        };
        return change.targets.iter().map(aimed).collect();
    }
    // Which of several tables a bare name means is not worked out here.
    let mut all: Vec<&TableUse> = Vec::new();
    for set in &change.sets {
        let named = set.table.as_deref().ok_or(Lack::Form)?;
        let table = change.tables.iter().find(|table| table.answers_to(named)).ok_or(Lack::Form)?;
        if !all.iter().any(|known| std::ptr::eq(*known, table)) {
            all.push(table);
        }
    }
    Ok(all)
}

fn kept(
    text: &str,
    change: &Change,
    (target, deed): (&TableUse, Deed),
    facts: &Facts,
    (database, most): (Option<&str>, u64),
) -> Result<Kept, Lack> {
    let (name, table) = known(&target.name, facts, database)?;
    // A table that stands there twice: which of the two is meant by a column without a name before it is not worked out.
    let same = |other: &&TableUse| other.name.named(database) == target.name.named(database);
    if change.tables.iter().filter(same).count() > 1 {
        return Err(Lack::Form);
    }
    let set: Vec<&str> = change
        .sets
        .iter()
        .filter(|set| !change.multi || set.table.as_deref().is_some_and(|name| target.answers_to(name)))
        .map(|set| set.column.text.as_str())
        .collect();
    stands_alone(&name, table, deed, &set)?;
    let layout = Layout::of(&name, table, facts)?;
    layout.keeps(&layout.key, &set)?;
    let before = vec![select(text, change, target, &layout, most)?];
    Ok(Kept { layout, deed, found: Found::Before, before })
}

/// Locks and reads the rows of `target` that the statement will touch.
fn select(
    text: &str,
    change: &Change,
    target: &TableUse,
    layout: &Layout,
    most: u64,
) -> Result<String, Lack> {
    let of = target.alias.as_deref().map_or_else(|| called(&target.name), quoted);
    let with = change.with.map_or(String::new(), |with| format!("{}\n", with.of(text)));
    let (list, tables) = (layout.read(&of), change.tables_span.of(text));
    let written = change.condition.as_ref().map(|condition| format!("({}\n)", condition.span.of(text)));
    // An outer join gives rows that are none.
    let keyed = layout.keyed().filter(|_| change.multi);
    let there = keyed.map(|(_, field)| format!("{of}.{} IS NOT NULL", quoted(&field.name)));
    let conditions: Vec<String> = written.into_iter().chain(there).collect();
    let condition =
        if conditions.is_empty() { String::new() } else { format!("\nWHERE {}", conditions.join(" AND ")) };
    let distinct = if change.multi { "DISTINCT " } else { "" };
    let (mut order, mut bound) = (String::new(), most.saturating_add(1));
    if let Some(limit) = change.limit {
        let names: Vec<&str> = layout.keyed().map(|(_, field)| field.name.as_str()).collect();
        let written = change.order.filter(|order| orders_by(order.of(text), &names)).ok_or(Lack::Limit)?;
        order = format!("\n{}", written.of(text));
        bound = bound.min(limit_of(limit.of(text)).ok_or(Lack::Limit)?);
    }
    Ok(format!("{with}SELECT {distinct}{list} FROM {tables}{condition}{order}\nLIMIT {bound}\nFOR UPDATE"))
}
