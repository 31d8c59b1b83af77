//! What a live server is asked, and what it answered. Pure data; `dbdesk_components::mysql::facts` does the asking.

use crate::{
    flavour::Flavour,
    plan::Plan,
    read::Script,
    scan,
    settings::Settings,
    shadow::Shadow,
    shape::{Obscure, Shape},
    types::{ColumnType, DefaultValue, ForeignAction, Generated, Method},
    world::World,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A table as a statement names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// The database, where it is written or known from the settings or a `USE`.
    pub database: Option<String>,
    /// The table.
    pub table: String,
}

/// One thing to ask the server. Nothing here changes anything there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// Does the table exist, and what is it? All of these are asked together, in a few queries.
    Table(TableName),
    /// What changes along with its rows? Asked with [`Question::Table`], and only before work that must know: some servers open every
    /// table they have to answer it. So it is asked last, and may stay without an answer.
    Along(TableName),
    /// `PREPARE` the statement, which parses and does not run it.
    Syntax(Ask),
    /// `EXPLAIN` the statement.
    Explain(Ask),
    /// Run the bounded count that stands for the statement.
    Count(Ask),
    /// Look whether rows repeat that one of the statement's new unique indexes forbids: which of them, counted from 0.
    Repeats(Ask, usize),
}

impl Question {
    /// What is asked about one statement; `None` where it is about a table.
    #[must_use]
    pub fn ask(&self) -> Option<&Ask> {
        match self {
            Self::Table(_) | Self::Along(_) => None,
            Self::Syntax(ask) | Self::Explain(ask) | Self::Count(ask) | Self::Repeats(ask, _) => Some(ask),
        }
    }
}

/// A question about one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// Which statement of the script.
    pub index: usize,
    /// The database it runs in.
    pub database: Option<String>,
    /// What to send.
    pub sql: String,
}

/// A column, as far as rules need it.
#[expect(clippy::struct_excessive_bools, reason = "the server's own flags, each by itself")]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in lower case, with its length: `bigint unsigned`, `varchar(200)`.
    pub data_type: String,
    /// May be NULL.
    pub nullable: bool,
    /// Has a default, counts by itself, or is generated.
    pub has_default: bool,
    /// The type, taken apart; its charset is the table's where the column has none of its own.
    #[serde(default)]
    pub column_type: ColumnType,
    /// Its default, where one is told. `NULL` need not be.
    #[serde(default)]
    pub default: Option<DefaultValue>,
    /// `ON UPDATE CURRENT_TIMESTAMP`.
    #[serde(default)]
    pub on_update: bool,
    /// Counts by itself.
    #[serde(default)]
    pub auto_increment: bool,
    /// Gets its value from other columns.
    #[serde(default)]
    pub generated: Option<Generated>,
    /// Its comment.
    #[serde(default)]
    pub comment: Option<String>,
    /// `SELECT *` does not show it.
    #[serde(default)]
    pub invisible: bool,
}

/// What an index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum KeyKind {
    /// The primary key.
    Primary,
    /// Unique.
    Unique,
    /// An ordinary index.
    #[default]
    Plain,
    /// `FULLTEXT`.
    FullText,
    /// `SPATIAL`.
    Spatial,
    /// A foreign key (a constraint; in MySQL it brings an index where none serves).
    Foreign,
}

/// One part of an index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct KeyPart {
    /// The column, or the expression's text.
    pub column: String,
    /// Only so many characters of it.
    pub prefix: Option<u32>,
    /// An expression, not a column.
    pub is_expression: bool,
    /// Sorted downwards.
    pub descending: bool,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Key {
    /// Its name; absent where the server chooses it.
    pub name: Option<String>,
    /// What it is for.
    pub kind: KeyKind,
    /// Its columns in order.
    pub parts: Vec<KeyPart>,
    /// The optimiser does not use it: `INVISIBLE` (MySQL), `IGNORED` (MariaDB).
    #[serde(default)]
    pub invisible: bool,
    /// `BTREE` or `HASH`, where it is told.
    #[serde(default)]
    pub method: Option<Method>,
    /// Its comment.
    #[serde(default)]
    pub comment: Option<String>,
    /// What a foreign key refers to.
    #[serde(default)]
    pub references: Option<References>,
    /// A foreign key brought it; the server drops it where a written index serves as well.
    #[serde(default)]
    pub implicit: bool,
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// The table; without a database where it is in that of its own table.
    pub table: TableName,
    /// Its columns.
    pub columns: Vec<String>,
    /// `ON DELETE …`.
    pub on_delete: ForeignAction,
    /// `ON UPDATE …`.
    pub on_update: ForeignAction,
}

/// A table that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// Its indexes.
    pub keys: Vec<Key>,
    /// Its engine, as the server or the statement writes it.
    pub engine: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Rows by the server's statistics.
    pub rows: Option<u64>,
    /// Data and indexes, in bytes.
    pub bytes: Option<u64>,
    /// It is a view.
    pub is_view: bool,
    /// The character set of columns that have none of their own, in lower case; unknown where a `CREATE TABLE` leaves
    /// it to the database.
    #[serde(default)]
    pub charset: Option<String>,
    /// Their collation, likewise.
    #[serde(default)]
    pub collation: Option<String>,
    /// `DYNAMIC`, `COMPACT` …, in lower case, where it is told.
    #[serde(default)]
    pub row_format: Option<String>,
    /// The number that the next row gets, where it is told.
    #[serde(default)]
    pub auto_increment: Option<u64>,
    /// It has partitions.
    #[serde(default)]
    pub partitioned: bool,
    /// What may change along with its rows, where that was asked.
    #[serde(default)]
    pub along: Option<Along>,
}

/// What may change along with the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Along {
    /// Its triggers, as far as the account may see them.
    pub triggers: Vec<String>,
    /// Foreign keys of other tables that refer to it.
    pub referrers: Vec<Referrer>,
}

/// A foreign key of another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referrer {
    /// The other table.
    pub table: TableName,
    /// Its columns.
    pub by: Vec<String>,
    /// The columns that they refer to, in the same order.
    pub columns: Vec<String>,
    /// `ON DELETE …`.
    pub on_delete: ForeignAction,
    /// `ON UPDATE …`.
    pub on_update: ForeignAction,
}

/// What the server says about one name.
#[expect(clippy::large_enum_variant, reason = "nearly all are found")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looked {
    /// It is there.
    Found(Table),
    /// It is not there.
    Absent,
}

/// What the server says about a statement's syntax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prepared {
    /// The server parses it.
    Understood,
    /// Error 1064: the server's sentence.
    SyntaxError(String),
    /// The server parses it but says no: its error number and sentence.
    Refused(u16, String),
    /// This kind can not be prepared, or the server could not be asked.
    Unknown,
}

/// One line of EXPLAIN, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Explained {
    /// Product of the estimates over all lines.
    pub rows: Option<u64>,
    /// Access type of the first table.
    pub access: Option<String>,
    /// The index of the first table.
    pub key: Option<String>,
    /// All of it, bounded.
    #[serde(default)]
    pub plan: Plan,
}

/// What the bounded count gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// So many rows (one more than the limit means: the count stopped there).
    Rows(u64),
    /// It took too long.
    TimedOut,
    /// The server said no: its error number and sentence.
    Failed(u16, String),
    /// Not asked: the review's time or number of counts was used up.
    Skipped,
}

/// Whether rows stand in the way of a unique index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeats {
    /// None do.
    None,
    /// Two are alike, at least.
    Rows,
    /// One has NULL where a primary key may have none, at least.
    Null,
    /// It took too long.
    TimedOut,
    /// The server said no: its error number and sentence.
    Failed(u16, String),
    /// Not asked: the review's time or number of questions was used up.
    Skipped,
}

/// All that is known besides the SQL.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// A live server answered.
    pub live: bool,
    /// `tables` holds all there are: a name that is not in it does not exist. So it is with a schema file.
    pub complete: bool,
    /// The server's flavour.
    pub flavour: Option<Flavour>,
    /// The third number of its version.
    #[serde(default)]
    pub patch: Option<u16>,
    /// What was found under each name; a name that is not here was not asked.
    #[serde(with = "pairs")]
    pub tables: BTreeMap<TableName, Looked>,
    /// By statement.
    pub syntax: BTreeMap<usize, Prepared>,
    /// By statement.
    pub explained: BTreeMap<usize, Explained>,
    /// By statement.
    pub counted: BTreeMap<usize, Counted>,
    /// By statement, and which of its new unique indexes ([`crate::unique::wanted`]).
    #[serde(default)]
    pub repeats: BTreeMap<usize, BTreeMap<usize, Repeats>>,
    /// What a review server said.
    #[serde(default)]
    pub shadow: Shadow,
}

impl Table {
    /// The column of this name; the server does not mind its case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The index of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(name)))
    }

    /// Whether it has a primary key.
    #[must_use]
    pub fn has_primary_key(&self) -> bool {
        self.keys.iter().any(|key| key.kind == KeyKind::Primary)
    }
}

impl Facts {
    /// What the `CREATE TABLE`s of a schema file say (and the `ALTER TABLE`s after them), for an offline review. Where
    /// a statement of it is not understood, there may be more tables than are known.
    #[must_use]
    pub fn of_schema(schema: &Script) -> Self {
        let (none, settings) = (Self::default(), Settings::default());
        let mut world = World::new(&none, &settings);
        let mut complete = true;
        for statement in schema.statements() {
            let unwrapped = match statement.shape {
                // A dump's executable comments are what its server said of its own tables.
                Shape::NotAnalysable(Obscure::Executable, _) => {
                    crate::read(&scan::unwrap(schema.text(statement))).ok()
                }
                _ => None,
            };
            let statements = unwrapped.as_ref().map_or(std::slice::from_ref(statement), Script::statements);
            for statement in statements {
                complete &= !matches!(statement.shape, Shape::NotAnalysable(..) | Shape::Broken(..));
                world.apply(statement.index, &statement.shape);
            }
        }
        let mut tables = world.into_tables();
        let without_database: Vec<_> = tables
            .iter()
            .map(|(name, looked)| (TableName { database: None, table: name.table.clone() }, looked.clone()))
            .collect();
        for (name, looked) in without_database {
            tables.entry(name).or_insert(looked);
        }
        Self { complete, tables, ..Self::default() }
    }

    /// What was found under a name; `None` where nobody was asked.
    #[must_use]
    pub fn looked(&self, name: &TableName) -> Option<&Looked> {
        if let Some(looked) = self.tables.get(name) {
            return Some(looked);
        }
        if !self.complete {
            return None;
        }
        // A schema file need not name the database; who names it in the script means the same table.
        let anywhere = TableName { database: None, table: name.table.clone() };
        Some(self.tables.get(&anywhere).unwrap_or(&Looked::Absent))
    }
}

/// A map with structs as keys, as a list of pairs: JSON has only strings for keys.
mod pairs {
    use super::{BTreeMap, Looked, TableName};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(map: &BTreeMap<TableName, Looked>, to: S) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<BTreeMap<TableName, Looked>, D::Error> {
        Ok(Vec::<(TableName, Looked)>::deserialize(from)?.into_iter().collect())
    }
}
