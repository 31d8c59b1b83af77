//! What a live server should be asked about a script. Counts are built from spans of the original text, never from a
//! syntax tree printed back.

use crate::{
    facts::{Ask, Facts, Question},
    numbered::Numbered,
    read::{Script, Statement},
    settings::Settings,
    shape::{Action, Change, Insert, Obscure, Shape, TableRef},
    unique::{self, Values},
    world::World,
};
use std::collections::BTreeSet;

/// The most tables that are looked up for one script.
pub const MAX_TABLES: usize = 1_000;
/// A longer statement is not sent to be parsed or explained.
const MAX_ASKED_BYTES: usize = 256 * 1024;
/// The most new unique indexes of one statement for which rows are looked at.
const MAX_UNIQUE: usize = 8;

/// Functions that a count must not run: they wait, lock, or read files.
const UNWELCOME: [&str; 8] = [
    "sleep",
    "benchmark",
    "get_lock",
    "release_lock",
    "load_file",
    "master_pos_wait",
    "source_pos_wait",
    "master_gtid_wait",
];

impl Script {
    /// What to ask a live server: tables first, then what was not understood, then counts and plans, then the syntax
    /// of the rest, and last whether rows stand in the way of new unique indexes, which takes longest. Who asks may stop
    /// at any point; what was not answered is told as such.
    #[must_use]
    pub fn questions(&self, settings: &Settings) -> Vec<Question> {
        let facts = Facts::default();
        let mut world = World::new(&facts, settings);
        let mut tables = BTreeSet::new();
        let (mut unread, mut figures, mut syntax) = (Vec::new(), Vec::new(), Vec::new());
        let (mut repeats, mut filled) = (Vec::new(), BTreeSet::new());
        let numbered = Numbered::of(self);
        for statement in self.statements() {
            let mut named = tables_of(&statement.shape);
            if matches!(statement.shape, Shape::OutOfPlace) {
                named.extend(statement.queries.tables());
            }
            for table in &named {
                if tables.len() < MAX_TABLES && world.made_by(table).is_none() {
                    tables.insert(world.name(table));
                }
            }
            let stands_alone = !named.iter().any(|table| world.is_touched(table));
            let ask = |sql: String| Ask { index: statement.index, database: settings.database.clone(), sql };
            if stands_alone && statement.span.end - statement.span.start <= MAX_ASKED_BYTES {
                let text = self.text(statement);
                match &statement.shape {
                    Shape::NotAnalysable(Obscure::Unread | Obscure::Kind, _) => {
                        unread.push(Question::Syntax(ask(text.to_owned())));
                    }
                    Shape::Transaction
                    | Shape::OutOfPlace
                    | Shape::Admin(_)
                    | Shape::NotAnalysable(..)
                    | Shape::Broken(..)
                    | Shape::SetNames => {}
                    // The server says of the first of a series what it would say of all.
                    shape if shape.is_ddl() && numbered.is_repeated(statement.index) => {}
                    _ => syntax.push(Question::Syntax(ask(text.to_owned()))),
                }
                if statement.kind == "select" && !statement.queries.scopes.is_empty() && is_welcome(text) {
                    figures.push(Question::Explain(ask(text.to_owned())));
                }
                if let Some(count) = self.count(statement, settings.limits.affected_rows) {
                    figures.push(Question::Count(ask(count)));
                    figures.push(Question::Explain(ask(text.to_owned())));
                }
                if !changed_tables(&statement.shape).iter().any(|table| filled.contains(&world.name(table))) {
                    let asked = unique_questions(&statement.shape);
                    repeats.extend(asked.into_iter().map(|(at, sql)| Question::Repeats(ask(sql), at)));
                }
            }
            if statement.shape.is_dml() {
                filled.extend(changed_tables(&statement.shape).into_iter().map(|table| world.name(table)));
            }
            world.apply(statement.index, &statement.shape);
        }
        let mut all: Vec<Question> = tables.into_iter().map(Question::Table).collect();
        all.append(&mut unread);
        all.append(&mut figures);
        all.append(&mut syntax);
        all.append(&mut repeats);
        all
    }

    /// The bounded SELECT that counts the rows a statement would change, where there is one. It stops one row after
    /// `most`.
    #[must_use]
    pub fn count(&self, statement: &Statement, most: u64) -> Option<String> {
        let bound = most.saturating_add(1);
        let sql = match &statement.shape {
            Shape::Update(change) | Shape::Delete(change) => self.count_change(change, bound)?,
            Shape::Insert(insert) => self.count_insert(insert, bound)?,
            _ => return None,
        };
        is_welcome(&sql).then_some(sql)
    }

    fn count_change(&self, change: &Change, bound: u64) -> Option<String> {
        let tables = change.tables_span.of(self.sql());
        let bound = match change.limit {
            Some(limit) => limit_of(limit.of(self.sql()))?.min(bound),
            None => bound,
        };
        let condition = match &change.condition {
            Some(condition) => format!("\nWHERE ({}\n)", condition.span.of(self.sql())),
            None => String::new(),
        };
        let with = change.with.map_or(String::new(), |with| format!("{}\n", with.of(self.sql())));
        Some(format!(
            "SELECT COUNT(*) FROM ({with}SELECT 1 FROM {tables}{condition}\nLIMIT {bound}) dbdesk_count"
        ))
    }

    fn count_insert(&self, insert: &Insert, bound: u64) -> Option<String> {
        let select = insert.select?.of(self.sql());
        Some(format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM ({select}\n) dbdesk_rows LIMIT {bound}) dbdesk_count"
        ))
    }
}

/// For each new unique index of a table that is there, the query that looks for rows in its way.
fn unique_questions(shape: &Shape) -> Vec<(usize, String)> {
    let Shape::AlterTable(alter) = shape else { return Vec::new() };
    let wanted = unique::wanted(alter).into_iter().take(MAX_UNIQUE).enumerate();
    let ask = wanted.filter_map(|(at, wanted)| match wanted.values {
        Values::Of(parts) => Some((at, unique::question(wanted.kind, &alter.table, &parts))),
        Values::Differ | Values::Unclear => None,
    });
    ask.collect()
}

/// Whether the server may look at it without waiting, locking or reading files.
fn is_welcome(sql: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    !UNWELCOME.iter().any(|name| lower.contains(name))
}

/// The number of a `LIMIT n`.
#[must_use]
pub fn limit_of(limit: &str) -> Option<u64> {
    limit.get("limit".len()..)?.trim().parse().ok()
}

/// Every table that a statement names.
#[must_use]
pub fn tables_of(shape: &Shape) -> Vec<&TableRef> {
    match shape {
        Shape::CreateTable(create) => std::iter::once(&create.table).chain(&create.like).collect(),
        Shape::AlterTable(alter) => {
            let renamed = alter.ops.iter().filter_map(|op| match &op.action {
                Action::RenameTable(new) => Some(new),
                _ => None,
            });
            std::iter::once(&alter.table).chain(renamed).collect()
        }
        Shape::DropTable(drop) => drop.tables.iter().collect(),
        Shape::RenameTable(pairs) => pairs.iter().flat_map(|(old, new)| [old, new]).collect(),
        Shape::Truncate(table) => vec![table],
        Shape::StoredObject(object) => object.table.iter().chain(&object.reads).collect(),
        Shape::Admin(admin) => admin.tables.iter().collect(),
        Shape::Insert(insert) => std::iter::once(&insert.table).chain(&insert.reads).collect(),
        Shape::Update(change) | Shape::Delete(change) => {
            change.tables.iter().map(|table| &table.name).chain(&change.reads).collect()
        }
        _ => Vec::new(),
    }
}

/// The tables that a statement changes, as it names them; aliases are resolved.
#[must_use]
pub fn changed_tables(shape: &Shape) -> Vec<&TableRef> {
    match shape {
        Shape::Insert(insert) => vec![&insert.table],
        Shape::Update(change) if !change.multi => change.tables.iter().map(|table| &table.name).collect(),
        Shape::Update(change) => {
            let set: Vec<&str> = change.sets.iter().filter_map(|set| set.table.as_deref()).collect();
            let all = set.len() < change.sets.len();
            let named =
                change.tables.iter().filter(|table| all || set.iter().any(|name| table.answers_to(name)));
            named.map(|table| &table.name).collect()
        }
        Shape::Delete(change) => {
            change.targets.iter().filter_map(|target| aimed_at(change, target)).collect()
        }
        Shape::CreateTable(create) => vec![&create.table],
        Shape::AlterTable(alter) => vec![&alter.table],
        Shape::DropTable(drop) => drop.tables.iter().collect(),
        Shape::RenameTable(pairs) => pairs.iter().map(|(old, _)| old).collect(),
        Shape::Truncate(table) => vec![table],
        _ => Vec::new(),
    }
}

/// The table that a DELETE's target means: by alias, or by name.
fn aimed_at<'a>(change: &'a Change, target: &TableRef) -> Option<&'a TableRef> {
    let by_alias =
        change.tables.iter().find(|table| target.database.is_none() && table.answers_to(&target.table.text));
    by_alias
        .or_else(|| change.tables.iter().find(|table| table.name.table.text == target.table.text))
        .map(|table| &table.name)
}
