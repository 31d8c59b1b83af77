//! What an account may do: a level on a whole database or on some of its tables, and the least privileges that make it.

use crate::{
    dialect::Dialect,
    name::{DatabaseName, TableName, quoted},
};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Most tables of one request.
pub const TABLES: usize = 100;

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Read rows and the definitions of views.
    Ro,
    /// And change rows.
    Rw,
    /// And change tables, indexes, views and triggers.
    Ddl,
}

impl Level {
    /// All of them, from the least on.
    pub const ALL: [Self; 3] = [Self::Ro, Self::Rw, Self::Ddl];

    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Said> {
        Self::ALL.into_iter().find(|level| level.word() == text).ok_or_else(|| {
            said!(
                "a level is ro (read), rw (read and change rows) or ddl (change tables, too)",
                "级别为 ro（只读）、rw（读写数据）或 ddl（还可变更表结构）"
            )
        })
    }

    /// As people type it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ro => "ro",
            Self::Rw => "rw",
            Self::Ddl => "ddl",
        }
    }

    /// The least privileges for it, on both servers.
    #[must_use]
    pub fn privileges(self) -> BTreeSet<Privilege> {
        Privilege::ALL.into_iter().filter(|privilege| privilege.level() <= self).collect()
    }
}

/// What dbdesk grants. There is nothing else that it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Privilege {
    /// Rows.
    Select,
    /// `SHOW CREATE VIEW`.
    ShowView,
    /// Rows.
    Insert,
    /// Rows.
    Update,
    /// Rows.
    Delete,
    /// Tables; on a whole database also the database.
    Create,
    /// Tables.
    Alter,
    /// Tables; on a whole database also the database.
    Drop,
    /// Indexes.
    Index,
    /// Foreign keys.
    References,
    /// Views.
    CreateView,
    /// Triggers.
    Trigger,
}

impl Privilege {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Select,
        Self::ShowView,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Create,
        Self::Alter,
        Self::Drop,
        Self::Index,
        Self::References,
        Self::CreateView,
        Self::Trigger,
    ];

    /// As SQL and `SHOW GRANTS` write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::ShowView => "SHOW VIEW",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Create => "CREATE",
            Self::Alter => "ALTER",
            Self::Drop => "DROP",
            Self::Index => "INDEX",
            Self::References => "REFERENCES",
            Self::CreateView => "CREATE VIEW",
            Self::Trigger => "TRIGGER",
        }
    }

    /// From a server's word; `None` for one that dbdesk does not grant.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|privilege| privilege.word() == word)
    }

    const fn level(self) -> Level {
        match self {
            Self::Select | Self::ShowView => Level::Ro,
            Self::Insert | Self::Update | Self::Delete => Level::Rw,
            _ => Level::Ddl,
        }
    }
}

/// Privileges as SQL lists them.
#[must_use]
pub fn listed(privileges: &BTreeSet<Privilege>) -> String {
    privileges.iter().map(|privilege| privilege.word()).collect::<Vec<_>>().join(", ")
}

/// Where in a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// All of it, and what will be made in it.
    Database,
    /// These tables; they must be there when it is granted.
    Tables(BTreeSet<TableName>),
}

impl Reach {
    /// From a list of tables as people type it, between commas or blanks.
    pub fn parse(text: &str) -> Result<Self, Said> {
        let parts = text.split([',', ' ', '，', '、']).filter(|part| !part.is_empty());
        let tables = parts.map(TableName::parse).collect::<Result<BTreeSet<_>, _>>()?;
        match tables.len() {
            0 => Err(said!(
                "no table is named: name the tables, or ask for the database",
                "没有填写表名：请填写表名，或申请整个数据库"
            )),
            named if named > TABLES => Err(said!(
                "{named} tables are too many for one request, the most is {TABLES}: ask for the database",
                "一次申请最多 {TABLES} 张表，这里有 {named} 张：请申请整个数据库"
            )),
            _ => Ok(Self::Tables(tables)),
        }
    }
}

/// A level on a reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privileges {
    /// In which database.
    pub database: DatabaseName,
    /// How much.
    pub level: Level,
    /// Where in it.
    pub reach: Reach,
}

/// What an account is wanted to have: the privileges of each place, none of them grantable.
pub type Wanted = BTreeMap<Scope, BTreeSet<Privilege>>;

impl Privileges {
    /// What this comes to on a server.
    #[must_use]
    pub fn wanted(&self, dialect: Dialect) -> Wanted {
        let privileges = self.level.privileges();
        match &self.reach {
            Reach::Database => [(Scope::database(&self.database, dialect), privileges)].into(),
            Reach::Tables(tables) => tables
                .iter()
                .map(|table| (Scope::Table(self.database.to_string(), table.to_string()), privileges.clone()))
                .collect(),
        }
    }
}

/// What several come to together.
#[must_use]
pub fn wanted<'a>(all: impl IntoIterator<Item = &'a Privileges>, dialect: Dialect) -> Wanted {
    let mut together = Wanted::new();
    for (scope, privileges) in all.into_iter().flat_map(|one| one.wanted(dialect)) {
        together.entry(scope).or_default().extend(privileges);
    }
    together
}

/// What a grant is on, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// `*.*`.
    Global,
    /// `` `shop\_a`.* ``: a pattern, but under `partial_revokes` a name.
    Database(String),
    /// A database and a table of it; both are names.
    Table(String, String),
    /// `PROCEDURE`, `FUNCTION`, …, a database, and a name in it.
    Routine(String, String, String),
}

impl Scope {
    /// That of a whole database and of no other one.
    #[must_use]
    pub fn database(name: &DatabaseName, dialect: Dialect) -> Self {
        Self::Database(if dialect.partial_revokes { name.to_string() } else { escaped(name.as_str()) })
    }

    /// As SQL writes it.
    #[must_use]
    pub fn sql(&self) -> String {
        match self {
            Self::Global => "*.*".to_owned(),
            Self::Database(pattern) => format!("{}.*", quoted(pattern)),
            Self::Table(database, table) => format!("{}.{}", quoted(database), quoted(table)),
            Self::Routine(kind, database, name) => format!("{kind} {}.{}", quoted(database), quoted(name)),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("*.*"),
            Self::Database(pattern) => write!(f, "{pattern}.*"),
            Self::Table(database, table) => write!(f, "{database}.{table}"),
            Self::Routine(kind, database, name) => write!(f, "{} {database}.{name}", kind.to_lowercase()),
        }
    }
}

/// A name as a pattern that matches it alone: `_` and `%` stand for other letters in a grant on a database.
fn escaped(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for letter in name.chars() {
        if matches!(letter, '_' | '%' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// The name that a pattern matches alone, written as dbdesk writes it; `None` for any other pattern.
pub(crate) fn pattern_of_one(pattern: &str, dialect: Dialect) -> Option<String> {
    if dialect.partial_revokes {
        return Some(pattern.to_owned());
    }
    let mut name = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        name.push(if letter == '\\' { letters.next()? } else { letter });
    }
    (escaped(&name) == pattern).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::Flavour;

    #[test]
    fn each_level_is_exactly_these_privileges() {
        let all =
            Level::ALL.map(|level| format!("{}: {}", level.word(), listed(&level.privileges()))).join("\n");
        insta::assert_snapshot!(all, @r"
        ro: SELECT, SHOW VIEW
        rw: SELECT, SHOW VIEW, INSERT, UPDATE, DELETE
        ddl: SELECT, SHOW VIEW, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, TRIGGER
        ");
    }

    #[test]
    fn a_database_is_a_pattern_that_matches_it_alone_but_a_name_under_partial_revokes() {
        let name = DatabaseName::parse("shop_a").expect("a name");
        let off = Dialect::of(Flavour::mysql(8, 4));
        assert_eq!(Scope::database(&name, off).sql(), r"`shop\_a`.*");
        assert_eq!(Scope::database(&name, Dialect { partial_revokes: true, ..off }).sql(), "`shop_a`.*");
    }

    #[test]
    fn a_list_of_tables_is_read_as_people_type_it() {
        let read = Reach::parse("orders, items，refunds").expect("tables");
        let Reach::Tables(tables) = read else { panic!("tables") };
        assert_eq!(tables.iter().map(TableName::as_str).collect::<Vec<_>>(), ["items", "orders", "refunds"]);
        assert!(Reach::parse(" , ").is_err());
        assert!(Reach::parse("a.b").is_err());
    }
}
