//! Puts before each table of a sharded table the database that it lies in, and says where each statement runs.

use super::refused::{Place, Refused};
use super::{Filled, Home, Placed, Range, Series, Written, lay_out, pieces, spots, write, write_one};
use crate::{
    query::Queries,
    read::{self, Script, Statement},
    reserved,
    shape::{Action, Change, ColumnDef, KeyDef, Shape, TableOption, TableRef, Task},
    span::Span,
};
use dbdesk_commands::wire::problem::Refusal;
use std::{borrow::Cow, collections::BTreeMap};

/// Where every statement runs, with the databases put in; `None` where no table of the text lies elsewhere than the ticket says.
pub(super) fn place(
    text: &str,
    all: &mut [Option<Series>],
    home: &dyn Fn(&str) -> Home,
) -> Result<Option<Vec<Placed>>, Refusal> {
    let (sample, script) = sample(text, all)?;
    if script.statements().len() != all.len() {
        // A number within a delimiter.
        return Ok(None);
    }
    let mut places = Vec::new();
    for (series, statement) in all.iter_mut().zip(script.statements()) {
        places.push(match series {
            Some(series) => Placing { text, sample: &sample, home }.statement(series, statement)?,
            None => None,
        });
    }
    if places.iter().all(Option::is_none) {
        return Ok(None);
    }
    let unplaced = places.iter().zip(script.statements()).find(|(places, _)| places.is_none());
    if let Some((_, statement)) = unplaced {
        return Err(Refused::Unplaced(Place { text, span: sample.origin(statement.span) }).refusal());
    }
    Ok(Some(places.into_iter().flatten().flatten().collect()))
}

/// Refuses a text that falls into other statements than those that were placed: a database within a delimiter.
pub(super) fn check(text: &str, all: &[Series], sql: &str, placed: usize) -> Result<(), Refusal> {
    match all.first() {
        Some(first) if pieces(sql).len() != placed => {
            Err(Refused::Obscure(Place { text, span: first.first_range() }).refusal())
        }
        _ => Ok(()),
    }
}

/// The text with the first statement of each series alone, read.
fn sample(text: &str, all: &[Option<Series>]) -> Result<(Written<'static>, Script), Refusal> {
    let alone = |series: &Series| Series { count: 1, ..series.clone() };
    let mut all: Vec<Option<Series>> = all.iter().map(|series| series.as_ref().map(alone)).collect();
    let bytes = lay_out(text, &mut all)?;
    let series: Vec<Series> = all.into_iter().flatten().collect();
    let sql = write(text, &series, bytes);
    let script = read::read(&sql)?;
    Ok((Written { sql: Cow::Owned(sql), placed: None, series }, script))
}

struct Placing<'a> {
    text: &'a str,
    /// The text in which the tables were found.
    sample: &'a Written<'static>,
    home: &'a dyn Fn(&str) -> Home,
}

impl Placing<'_> {
    fn statement(&self, series: &mut Series, statement: &Statement) -> Result<Option<Vec<Placed>>, Refusal> {
        let Some(tables) = tables(&statement.shape, &statement.queries) else {
            return self.obscure(series);
        };
        let mut names: Vec<Span> = Vec::new();
        let mut homes: Option<Vec<Placed>> = None;
        let mut loose = None;
        for table in tables {
            let span = self.sample.origin(table.table.span);
            let Some(places) = self.places(series, span)? else {
                loose.get_or_insert(span);
                continue;
            };
            if let (Some(homes), Some(first)) = (&homes, names.first()) {
                self.together(series, (*first, homes), (span, &places))?;
            }
            homes.get_or_insert(places);
            names.push(span);
        }
        match (homes, loose) {
            (Some(_), Some(span)) => Err(Refused::Loose(Place { text: self.text, span }).refusal()),
            (Some(homes), None) => {
                self.put_before(series, &names, &homes);
                Ok(Some(homes))
            }
            (None, _) => Ok(None),
        }
    }

    /// A statement of which the tables are not known: refused where a range in it looks like one of a sharded table.
    fn obscure(&self, series: &Series) -> Result<Option<Vec<Placed>>, Refusal> {
        let is_sharded = |name: &Span| (self.home)(&self.name(series, *name, 0)) != Home::Unknown;
        let mut names = spots(self.text, series.body).into_iter().map(|spot| spot.name);
        match names.find(is_sharded) {
            Some(span) => Err(Refused::Obscure(Place { text: self.text, span }).refusal()),
            None => Ok(None),
        }
    }

    /// The name that stands there, in the statement of this step.
    fn name(&self, series: &Series, span: Span, step: usize) -> String {
        let mut name = String::new();
        write_one(&mut name, self.text, series, span, step);
        name.trim_matches('`').to_owned()
    }

    /// Where the table of this name lies in each step; `None` where it is none of a sharded table.
    fn places(&self, series: &Series, span: Span) -> Result<Option<Vec<Placed>>, Refusal> {
        if series.within(span).next().is_none() {
            return Ok(None);
        }
        let (mut places, mut stray) = (Vec::new(), None);
        for step in 0..series.count {
            let name = self.name(series, span, step);
            match (self.home)(&name) {
                Home::In { group, database } => places.push(Placed { group, database, shard: number(&name) }),
                Home::Missing => return Err(self.missing(span, &name)),
                Home::Unknown => stray = stray.or(Some(name)),
            }
        }
        match stray {
            None => Ok(Some(places)),
            Some(_) if places.is_empty() => Ok(None),
            Some(name) => Err(self.missing(span, &name)),
        }
    }

    fn missing(&self, span: Span, name: &str) -> Refusal {
        Refused::Missing(Place { text: self.text, span }, name).refusal()
    }

    /// In each step two tables of a statement lie in one place.
    fn together(
        &self,
        series: &Series,
        (one, here): (Span, &[Placed]),
        (other, there): (Span, &[Placed]),
    ) -> Result<(), Refusal> {
        let apart = |(_, (here, there)): &(usize, (&Placed, &Placed))| {
            (&here.group, &here.database) != (&there.group, &there.database)
        };
        let Some((step, (here, there))) = here.iter().zip(there).enumerate().find(apart) else {
            return Ok(());
        };
        let (one, name) = (self.name(series, one, step), self.name(series, other, step));
        Err(Refused::Apart(Place { text: self.text, span: other }, (&one, here), (&name, there)).refusal())
    }

    fn put_before(&self, series: &mut Series, names: &[Span], placed: &[Placed]) {
        series.databases = placed.iter().map(|placed| format!("{}.", quoted(&placed.database))).collect();
        let widest = series.databases.iter().map(String::len).max().unwrap_or_default();
        for name in names {
            let before = self.text.as_bytes().get(..name.start).and_then(<[u8]>::last);
            // ``FROM`orders_0` ``: the word must not run into the database.
            let apart = before.is_some_and(|byte| byte.is_ascii_whitespace() || b"(,".contains(byte));
            let width = widest + usize::from(!apart);
            let span = Span::new(name.start, name.start);
            series.ranges.push(Range { span, width, at: 0, filled: Filled::Database });
        }
        series.ranges.sort_by_key(|range| range.span);
    }
}

/// The number at a name's end.
fn number(name: &str) -> u64 {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    name.get(stem.len()..).unwrap_or_default().parse().unwrap_or_default()
}

/// A database as it is written before a dot.
fn quoted(database: &str) -> Cow<'_, str> {
    let is_plain = database.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && database.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if is_plain && reserved::reserved_by(database).is_none() {
        Cow::Borrowed(database)
    } else {
        Cow::Owned(format!("`{}`", database.replace('`', "``")))
    }
}

/// Every table that a statement names without its database, in order; `None` where some of them may not be known.
fn tables<'a>(shape: &'a Shape, queries: &'a Queries) -> Option<impl Iterator<Item = &'a TableRef>> {
    let mut all: Vec<&TableRef> = Vec::new();
    match shape {
        Shape::CreateTable(create) => {
            if create.select.is_some() || create.options.iter().any(names_tables) {
                return None;
            }
            all.extend(std::iter::once(&create.table).chain(&create.like));
            all.extend(create.columns.iter().filter_map(of_column));
            all.extend(create.keys.iter().filter_map(of_key));
        }
        Shape::AlterTable(alter) => {
            all.push(&alter.table);
            for op in &alter.ops {
                of_action(&op.action, &mut all)?;
            }
        }
        Shape::DropTable(drop) => all.extend(&drop.tables),
        Shape::RenameTable(pairs) => all.extend(pairs.iter().flat_map(|(old, new)| [old, new])),
        Shape::Truncate(table) => all.push(table),
        Shape::Insert(insert) => {
            all.extend(std::iter::once(&insert.table).chain(&insert.reads).chain(queries.tables()));
        }
        Shape::Update(change) | Shape::Delete(change) => {
            all.extend(change.tables.iter().map(|table| &table.name).chain(&change.reads));
            all.extend(change.targets.iter().filter(|target| !is_alias(change, target)));
            all.extend(queries.tables());
        }
        Shape::Admin(admin) if admin.task == Task::Maintenance && !admin.tables.is_empty() => {
            all.extend(&admin.tables);
        }
        _ => return None,
    }
    let unqualified = all.into_iter().filter(|table| table.database.is_none());
    let by_place: BTreeMap<Span, &TableRef> = unqualified.map(|table| (table.table.span, table)).collect();
    Some(by_place.into_values())
}

/// Adds the tables of one thing that an `ALTER TABLE` does. A foreign key counts too, whatever database the server would take.
fn of_action<'a>(action: &'a Action, all: &mut Vec<&'a TableRef>) -> Option<()> {
    match action {
        Action::AddColumns(columns, _) => all.extend(columns.iter().filter_map(of_column)),
        Action::Modify(column) | Action::Change(_, column) => all.extend(of_column(column)),
        Action::AddKey(key, _) => all.extend(of_key(key)),
        Action::RenameTable(new) => all.push(new),
        Action::ExchangePartition => return None,
        Action::Option(option) if names_tables(option) => return None,
        _ => {}
    }
    Some(())
}

fn of_column(column: &ColumnDef) -> Option<&TableRef> {
    column.references.as_ref().map(|reference| &reference.table)
}

fn of_key(key: &KeyDef) -> Option<&TableRef> {
    key.references.as_ref().map(|reference| &reference.table)
}

/// `UNION = (a, b)` of a table that holds others together.
fn names_tables(option: &TableOption) -> bool {
    option.name == "union"
}

/// Whether a `DELETE` means a table by the name that it gave it.
fn is_alias(change: &Change, target: &TableRef) -> bool {
    let called = |alias: &String| alias.eq_ignore_ascii_case(&target.table.text);
    change.tables.iter().any(|table| table.alias.as_ref().is_some_and(called))
}
