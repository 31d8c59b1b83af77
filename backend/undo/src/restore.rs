//! What brings rows back: SQL that says of each row what it must still be, so that nothing that changed since is overwritten.

use crate::{
    field::{Field, quoted},
    images::{Images, Layout, Row, Values},
};
use dbdesk_review::{facts::Referrer, types::ForeignAction};

/// Rows of one `INSERT`.
const ROWS: usize = 200;
/// Bytes of one `INSERT`, about.
const BYTES: usize = 256 * 1024;

/// One statement that takes a change back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// It.
    pub sql: String,
    /// Rows that it must touch; another number means that something changed since.
    pub rows: u64,
}

/// A value that no server would tell stands among those that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsound;

/// What takes the change of these rows back, in this order: what was made goes, what was changed is set back, what is gone comes again.
/// Where a unique value changed hands, rows are taken out and put in again.
///
/// Rows that `referrers` have by now, and that would change along, are in the way: that row is as one that changed since.
pub fn steps(images: &Images, referrers: &[Referrer]) -> Result<Vec<Step>, Unsound> {
    let sound = |values: &Values| {
        values.len() == images.layout.fields.len()
            && images
                .layout
                .fields
                .iter()
                .zip(values)
                .all(|(field, value)| value.as_deref().is_none_or(|value| field.is_sound(value)))
    };
    if !images.rows.iter().flat_map(|row| row.before.iter().chain(&row.after)).all(sound) {
        return Err(Unsound);
    }
    let trades = trade(images);
    let (mut out, mut set, mut back) = (Vec::new(), Vec::new(), Vec::new());
    for row in &images.rows {
        match (&row.before, &row.after) {
            (Some(before), Some(after)) if !trades => set.push(update(images, before, after, referrers)),
            (before, after) => {
                out.extend(after.as_ref().map(|after| delete(images, after, referrers)));
                back.extend(before.as_ref());
            }
        }
    }
    out.append(&mut set);
    out.extend(inserts(images, &back));
    Ok(out)
}

/// Whether a unique value may have changed hands among them: then they are taken out and put in again, all together.
pub(crate) fn trade(images: &Images) -> bool {
    images.rows.len() > 1 && images.rows.iter().any(|row| trades(images, row))
}

/// Whether a value of a unique key changed.
fn trades(images: &Images, row: &Row) -> bool {
    match (&row.before, &row.after) {
        (Some(before), Some(after)) => {
            images.layout.unique.iter().any(|at| before.get(*at) != after.get(*at))
        }
        _ => false,
    }
}

/// That a row is still as it was left: by its key, so that an index finds it, and in every byte.
fn still(images: &Images, after: &Values) -> String {
    let keyed = images.layout.keyed().map(|(at, field)| {
        let value = after.get(at).and_then(Option::as_deref);
        format!("{} = {}", quoted(&field.name), field.literal(value))
    });
    let all = images.layout.fields.iter().zip(after).map(|(field, value)| field.is(value.as_deref()));
    keyed.chain(all).collect::<Vec<_>>().join(" AND ")
}

/// That nobody refers to the row in such a way that what happens to it happens to his rows, too.
fn alone(
    layout: &Layout,
    after: &Values,
    referrers: &[Referrer],
    acts: impl Fn(&Referrer) -> bool,
) -> String {
    let one = |referrer: &Referrer| {
        let is = |(by, column): (&String, &String)| {
            let field =
                layout.fields.iter().zip(after).find(|(field, _)| field.name.eq_ignore_ascii_case(column));
            field.map(|(field, value)| format!("{} = {}", quoted(by), field.literal(value.as_deref())))
        };
        let refers: Option<Vec<String>> = referrer.by.iter().zip(&referrer.columns).map(is).collect();
        let database = referrer.table.database.as_deref().unwrap_or(&layout.database);
        let (table, refers) = (quoted(&referrer.table.table), refers.unwrap_or_default().join(" AND "));
        // A table of its own: a server does not read the one that it changes.
        let sought = format!("SELECT 1 FROM {}.{table} WHERE {refers} LIMIT 1", quoted(database));
        format!(" AND NOT EXISTS (SELECT 1 FROM ({sought}) refers)")
    };
    referrers.iter().filter(|referrer| acts(referrer)).map(one).collect()
}

fn acts(action: ForeignAction) -> bool {
    action != ForeignAction::Restrict
}

fn delete(images: &Images, after: &Values, referrers: &[Referrer]) -> Step {
    let (layout, still) = (&images.layout, still(images, after));
    let alone = alone(layout, after, referrers, |referrer| acts(referrer.on_delete));
    Step { sql: format!("DELETE FROM {} WHERE {still}{alone}", layout.name()), rows: 1 }
}

fn update(images: &Images, before: &Values, after: &Values, referrers: &[Referrer]) -> Step {
    let set: Vec<String> = images
        .layout
        .fields
        .iter()
        .zip(before.iter().zip(after))
        // A time that changes by itself would, if it were not set.
        .filter(|(field, (before, after))| before != after || field.on_update)
        .map(|(field, (before, _))| format!("{} = {}", quoted(&field.name), field.literal(before.as_deref())))
        .collect();
    let changes = |column: &String| {
        let place = images.layout.fields.iter().position(|field| field.name.eq_ignore_ascii_case(column));
        place.is_none_or(|at| before.get(at) != after.get(at))
    };
    let alone = alone(&images.layout, after, referrers, |referrer| {
        acts(referrer.on_update) && referrer.columns.iter().any(changes)
    });
    let (name, set, still) = (images.layout.name(), set.join(", "), still(images, after));
    let sql = format!("UPDATE {name} SET {set} WHERE {still}{alone}");
    Step { sql, rows: 1 }
}

fn inserts(images: &Images, rows: &[&Values]) -> Vec<Step> {
    let columns = images.layout.fields.iter().map(|field| quoted(&field.name)).collect::<Vec<_>>().join(", ");
    let head = format!("INSERT INTO {} ({columns}) VALUES\n", images.layout.name());
    let mut steps = Vec::new();
    let mut tuples: Vec<String> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let tuple = tuple(&images.layout.fields, row);
        if !tuples.is_empty() && (tuples.len() >= ROWS || bytes + tuple.len() > BYTES) {
            steps.push(step(&head, &std::mem::take(&mut tuples)));
            bytes = 0;
        }
        bytes += tuple.len();
        tuples.push(tuple);
    }
    if !tuples.is_empty() {
        steps.push(step(&head, &tuples));
    }
    steps
}

fn tuple(fields: &[Field], row: &Values) -> String {
    let values: Vec<String> =
        fields.iter().zip(row).map(|(field, value)| field.literal(value.as_deref())).collect();
    format!("({})", values.join(", "))
}

fn step(head: &str, tuples: &[String]) -> Step {
    Step { sql: format!("{head}{}", tuples.join(",\n")), rows: tuples.len() as u64 }
}
