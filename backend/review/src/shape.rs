//! A statement as the rules see it: what it does to which table, with the place of every name.

mod object;

pub use object::{Admin, Deed, Grant, ObjectKind, StoredObject, Task};

use crate::{
    facts::{Key, KeyKind, KeyPart, References, TableName},
    flavour::Family,
    span::Span,
    truth::Logic,
    types::{ColumnType, DefaultValue, ForeignAction, Generated, Method, Written},
};

/// A name as written, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where, with its quotes.
    pub span: Span,
}

/// A table as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRef {
    /// The database before the dot.
    pub database: Option<Name>,
    /// The table.
    pub table: Name,
}

impl TableRef {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.database.as_ref().map_or(self.table.span, |database| database.span.to(self.table.span))
    }

    /// Its full name, with `default` where no database is written.
    #[must_use]
    pub fn named(&self, default: Option<&str>) -> TableName {
        let database = self.database.as_ref().map(|name| name.text.as_str()).or(default);
        TableName { database: database.map(str::to_owned), table: self.table.text.clone() }
    }
}

/// A column as it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDef {
    /// Its name.
    pub name: Name,
    /// The type in lower case, with its length: `bigint unsigned`, `varchar(200)`.
    pub data_type: String,
    /// The type, taken apart; with the charset and collation that are written at the column.
    pub column_type: ColumnType,
    /// Where the type stands, with its length, `UNSIGNED` and the like.
    pub type_span: Span,
    /// Where `(11)` stands, with the brackets.
    pub brackets: Option<Span>,
    /// `NULL` is allowed.
    pub nullable: bool,
    /// `NULL` (true) or `NOT NULL` (false), where it is written.
    pub null: Option<Written<bool>>,
    /// Has a default, counts by itself, or is generated.
    pub has_default: bool,
    /// `DEFAULT …`.
    pub default: Option<Written<DefaultValue>>,
    /// `ON UPDATE …`.
    pub on_update: Option<Written<DefaultValue>>,
    /// `AUTO_INCREMENT` (or `SERIAL`).
    pub auto_increment: Option<Span>,
    /// `AS (…)`.
    pub generated: Option<Generated>,
    /// `COMMENT '…'`.
    pub comment: Option<Written<String>>,
    /// `CHARACTER SET …`, in lower case.
    pub charset: Option<Written<String>>,
    /// `COLLATE …`, in lower case.
    pub collation: Option<Written<String>>,
    /// `INVISIBLE`.
    pub invisible: bool,
    /// `REFERENCES …` at the column itself.
    pub references: Option<Reference>,
    /// `FIRST` or `AFTER …`.
    pub position: Option<Written<Position>>,
    /// `PRIMARY KEY` or `UNIQUE` at the column itself.
    pub key: Option<KeyKind>,
    /// The whole definition, without its position.
    pub span: Span,
}

/// Where among the others a column is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// `FIRST`.
    First,
    /// `AFTER …`.
    After(Name),
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table.
    pub table: TableRef,
    /// Its columns.
    pub columns: Vec<Name>,
    /// `ON DELETE …`.
    pub on_delete: ForeignAction,
    /// `ON UPDATE …`.
    pub on_update: ForeignAction,
    /// The whole clause, without the word `REFERENCES`.
    pub span: Span,
}

/// An index as it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDef {
    /// Its name, where one is written.
    pub name: Option<Name>,
    /// What it is for.
    pub kind: KeyKind,
    /// Its parts.
    pub parts: Vec<KeyPart>,
    /// Where each part stands, with its length.
    pub part_spans: Vec<Span>,
    /// `INVISIBLE` (MySQL) or `IGNORED` (MariaDB).
    pub invisible: bool,
    /// `USING …`.
    pub method: Option<Method>,
    /// `COMMENT '…'`.
    pub comment: Option<Written<String>>,
    /// `REFERENCES …` of a foreign key.
    pub references: Option<Reference>,
    /// The whole definition.
    pub span: Span,
}

impl KeyDef {
    /// As the catalogue keeps it.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            name: self.name.as_ref().map(|name| name.text.clone()),
            kind: self.kind,
            parts: self.parts.clone(),
            invisible: self.invisible,
            method: self.method,
            comment: self.comment.as_ref().map(|comment| comment.value.clone()),
            references: self.references.as_ref().map(|reference| References {
                table: reference.table.named(None),
                columns: reference.columns.iter().map(|name| name.text.clone()).collect(),
                on_delete: reference.on_delete,
                on_update: reference.on_update,
            }),
            implicit: false,
        }
    }
}

/// A table option, such as `ENGINE = InnoDB`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableOption {
    /// In lower case.
    pub name: String,
    /// Without quotes.
    pub value: String,
    /// Where the value stands, with its quotes.
    pub value_span: Span,
    /// The whole option.
    pub span: Span,
}

/// `CREATE TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    /// The new table.
    pub table: TableRef,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `OR REPLACE`: drops what is there.
    pub or_replace: bool,
    /// `TEMPORARY`.
    pub temporary: bool,
    /// Columns written out.
    pub columns: Vec<ColumnDef>,
    /// Indexes written out.
    pub keys: Vec<KeyDef>,
    /// Options written out.
    pub options: Vec<TableOption>,
    /// `PARTITION BY …`.
    pub partition: Option<Span>,
    /// `LIKE other`.
    pub like: Option<TableRef>,
    /// `AS SELECT …`.
    pub select: Option<Span>,
}

/// One thing that an `ALTER TABLE` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterOp {
    /// What.
    pub action: Action,
    /// `FIRST` or `AFTER x`.
    pub position: Option<Span>,
    /// Where.
    pub span: Span,
}

/// What an `ALTER TABLE` can do, as far as rules and catalogue care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `ADD COLUMN`, one or several; with `IF NOT EXISTS`.
    AddColumns(Vec<ColumnDef>, bool),
    /// `ADD INDEX`, `ADD PRIMARY KEY`, `ADD FOREIGN KEY` …; with `IF NOT EXISTS`.
    AddKey(KeyDef, bool),
    /// `DROP COLUMN`; with `IF EXISTS`.
    DropColumn(Name, bool),
    /// `DROP INDEX`; with `IF EXISTS`.
    DropKey(Name, bool),
    /// `DROP PRIMARY KEY`.
    DropPrimaryKey,
    /// `DROP FOREIGN KEY`.
    DropForeignKey(Name),
    /// `DROP CHECK`, `DROP CONSTRAINT`.
    DropConstraint(Name),
    /// `MODIFY`.
    Modify(ColumnDef),
    /// `CHANGE`.
    Change(Name, ColumnDef),
    /// `RENAME COLUMN`.
    RenameColumn(Name, Name),
    /// `RENAME [TO]`.
    RenameTable(TableRef),
    /// `RENAME INDEX`.
    RenameKey(Name, Name),
    /// `ALTER COLUMN … DROP DEFAULT`.
    DropDefault(Name),
    /// Anything else that `ALTER COLUMN` does.
    AlterColumn(Name, ColumnChange),
    /// `ALTER INDEX`: whether it becomes invisible.
    AlterKey(Name, bool),
    /// `CONVERT TO CHARACTER SET x [COLLATE y]`.
    Convert(Name, Option<Name>),
    /// A table option.
    Option(TableOption),
    /// A partition is dropped or emptied: its rows are gone.
    LosePartition,
    /// Partitions and tables change places.
    ExchangePartition,
    /// `PARTITION BY …`.
    PartitionBy,
    /// `ALGORITHM = …` or `LOCK = …`: the word in lower case, and what is wanted.
    Way(&'static str, Name),
    /// Anything else that is understood and that no rule minds.
    Other,
}

/// What `ALTER COLUMN` does to a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// `SET DEFAULT …`.
    SetDefault(Written<DefaultValue>),
    /// `SET INVISIBLE` (true) or `SET VISIBLE`.
    SetInvisible(bool),
}

/// How an alteration was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlterForm {
    /// `ALTER TABLE`.
    Alter,
    /// `CREATE INDEX`.
    CreateIndex,
    /// `DROP INDEX`.
    DropIndex,
}

/// `ALTER TABLE`, `CREATE INDEX`, `DROP INDEX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterTable {
    /// The table.
    pub table: TableRef,
    /// How it was written.
    pub form: AlterForm,
    /// `ALTER TABLE IF EXISTS`.
    pub if_exists: bool,
    /// `ALTER IGNORE TABLE`: rows that a unique index forbids are deleted.
    pub ignore: bool,
    /// What is done, in order.
    pub ops: Vec<AlterOp>,
}

/// `DROP TABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropTable {
    /// Which.
    pub tables: Vec<TableRef>,
    /// `IF EXISTS`.
    pub if_exists: bool,
    /// `TEMPORARY`.
    pub temporary: bool,
}

/// What is known of a `WHERE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The condition, without the word `WHERE`.
    pub span: Span,
    /// It holds for every row (or every row where the column is not NULL).
    pub always_true: bool,
    /// What it says, for judging it again when the tables are known.
    pub logic: Logic,
    /// It looks at no column of any table.
    pub constant: bool,
    /// It is `column IS NOT NULL` and nothing more.
    pub not_null_of: Option<ColumnUse>,
    /// Columns it names, each qualified as written.
    pub columns: Vec<ColumnUse>,
}

/// A column as an expression names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnUse {
    /// The table or alias before the dot.
    pub table: Option<String>,
    /// The column.
    pub column: Name,
}

/// A table that a statement reads or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableUse {
    /// Its name.
    pub name: TableRef,
    /// What it is called in the statement.
    pub alias: Option<String>,
}

impl TableUse {
    /// Whether a column written with this name before its dot is of this table.
    #[must_use]
    pub fn answers_to(&self, name: &str) -> bool {
        match &self.alias {
            Some(alias) => alias.eq_ignore_ascii_case(name),
            None => self.name.table.text == name,
        }
    }
}

/// `UPDATE` or `DELETE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `WITH … AS (…)` before it, which a query of its rows needs too.
    pub with: Option<Span>,
    /// The tables in its `FROM` (or after `UPDATE`).
    pub tables: Vec<TableUse>,
    /// What joins them, as written, without the words around.
    pub tables_span: Span,
    /// A sub-select stands among the tables.
    pub has_derived: bool,
    /// Tables in sub-selects.
    pub reads: Vec<TableRef>,
    /// The tables whose rows it deletes; empty in an `UPDATE`.
    pub targets: Vec<TableRef>,
    /// The columns an `UPDATE` sets.
    pub sets: Vec<ColumnUse>,
    /// `WHERE`.
    pub condition: Option<Condition>,
    /// `ORDER BY …`.
    pub order: Option<Span>,
    /// `LIMIT …`.
    pub limit: Option<Span>,
    /// Several tables.
    pub multi: bool,
    /// A join of them has a condition.
    pub joined_on: bool,
}

/// `INSERT` or `REPLACE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// Into which table.
    pub table: TableRef,
    /// Columns written out (also those of `SET a = 1`).
    pub columns: Option<Vec<Name>>,
    /// Rows written out.
    pub rows: u64,
    /// The first row with another number of values than columns (or than the first row): its place and its number.
    pub odd_row: Option<(Span, usize)>,
    /// Values in the first row.
    pub values: Option<usize>,
    /// `SELECT …`, as written.
    pub select: Option<Span>,
    /// Tables it reads.
    pub reads: Vec<TableRef>,
    /// `REPLACE`: deletes rows that are in the way.
    pub replace: bool,
    /// `ON DUPLICATE KEY UPDATE`.
    pub on_duplicate: bool,
    /// The columns that it sets then.
    pub updates: Vec<ColumnUse>,
}

/// Why a statement is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obscure {
    /// The parser stopped here.
    Unread,
    /// A kind that the review does not read.
    Kind,
    /// A comment that some servers run.
    Executable,
    /// A control character.
    Control,
    /// Too deep or too long for a review.
    TooBig,
}

/// What a statement is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// `CREATE TABLE`.
    CreateTable(Box<CreateTable>),
    /// `ALTER TABLE` and its like.
    AlterTable(AlterTable),
    /// `DROP TABLE`.
    DropTable(DropTable),
    /// `RENAME TABLE`.
    RenameTable(Vec<(TableRef, TableRef)>),
    /// `TRUNCATE`.
    Truncate(TableRef),
    /// `CREATE DATABASE`.
    CreateDatabase(Name),
    /// `DROP DATABASE`.
    DropDatabase(Name),
    /// `INSERT`, `REPLACE`.
    Insert(Box<Insert>),
    /// `UPDATE`.
    Update(Box<Change>),
    /// `DELETE`.
    Delete(Box<Change>),
    /// A view, trigger, routine, event or sequence is made, changed or removed.
    StoredObject(Box<StoredObject>),
    /// Accounts, locks, maintenance, the server itself.
    Admin(Box<Admin>),
    /// `SET NAMES`.
    SetNames,
    /// `BEGIN`, `COMMIT` and their like.
    Transaction,
    /// A kind that has no place in a ticket.
    OutOfPlace,
    /// Not understood, and why; the place is where understanding stopped.
    NotAnalysable(Obscure, Span),
    /// Certainly no SQL, and where.
    Broken(Break, Span),
}

/// What is certainly broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// A quote or comment never ends.
    Unfinished,
    /// A bracket closes that was not opened.
    Unopened,
    /// A bracket is never closed.
    Unclosed,
    /// No statement begins like this.
    FirstWord,
    /// Punctuation that looks like ASCII and is not.
    FullWidth,
}

/// A word that only one family of servers knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnlyIn {
    /// The family that knows it.
    pub family: Family,
    /// Where.
    pub span: Span,
}
