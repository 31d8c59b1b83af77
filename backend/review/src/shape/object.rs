//! Statements about what is no table: views, routines, triggers, events, sequences, and the server's administration.

use super::{Name, TableRef};
use crate::span::Span;

/// What sort of stored object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A stored function.
    Function,
    /// A function from a library (`SONAME`).
    LoadableFunction,
    /// An event.
    Event,
    /// A package of MariaDB's Oracle mode.
    Package,
    /// The body of one.
    PackageBody,
    /// A sequence of MariaDB.
    Sequence,
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// `CREATE`.
    Create,
    /// `ALTER`.
    Alter,
    /// `DROP`.
    Drop,
}

/// A view, trigger, routine, event or sequence is made, changed or removed. Bodies of routines, triggers and events are
/// not read: what they do when they run, nobody has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// What sort.
    pub kind: ObjectKind,
    /// What is done.
    pub deed: Deed,
    /// Its name; several in `DROP VIEW a, b` and `DROP SEQUENCE a, b`.
    pub names: Vec<TableRef>,
    /// `IF EXISTS`, `IF NOT EXISTS`.
    pub if_exists: bool,
    /// `OR REPLACE`: drops what is there.
    pub or_replace: bool,
    /// The account behind `DEFINER =`.
    pub definer: Option<Span>,
    /// The table of a trigger.
    pub table: Option<TableRef>,
    /// What runs: a view's query, the body of a routine, trigger or event.
    pub body: Option<Span>,
    /// Tables that a view's query reads.
    pub reads: Vec<TableRef>,
    /// The `*` of a view's query: later columns of the table are not in the view.
    pub star: Option<Span>,
    /// The new name, in `ALTER EVENT … RENAME TO`.
    pub renamed: Option<TableRef>,
}

/// What an administrative statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// `GRANT`; more is in [`Admin::grant`].
    Grant,
    /// `REVOKE`.
    Revoke,
    /// `CREATE`, `ALTER`, `DROP`, `RENAME USER` and `ROLE`, `SET PASSWORD`, `SET ROLE`, `SET DEFAULT ROLE`.
    Account,
    /// `ANALYZE`, `CHECK`, `CHECKSUM`, `OPTIMIZE`, `REPAIR TABLE`, `CACHE INDEX`, `LOAD INDEX`.
    Maintenance,
    /// `LOCK` and `UNLOCK`: tables, instance, backup stages.
    Lock,
    /// `FLUSH`.
    Flush,
    /// `KILL`.
    Kill,
    /// `SHUTDOWN`, `RESTART`, `RESET`, `PURGE`, `ALTER INSTANCE`, `CLONE`, `BINLOG`.
    Server,
    /// `START`, `STOP`, `CHANGE` and `RESET` of replicas and groups.
    Replication,
    /// `INSTALL`, `UNINSTALL`: plugins and components.
    Plugin,
    /// Tablespaces, log file groups, `IMPORT TABLE`.
    Tablespace,
    /// `CREATE`, `ALTER`, `DROP SERVER`: links to other servers.
    ForeignServer,
    /// Resource groups, spatial reference systems, libraries and other rare things of the data dictionary.
    Dictionary,
    /// `ALTER DATABASE`: the default character set and the like.
    Database,
    /// `LOAD DATA`, `LOAD XML`.
    LoadData,
    /// `CALL`, `DO`: what they run, nobody has looked at.
    Call,
}

/// What a `GRANT` gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grant {
    /// Each privilege or role, as written: `SELECT (a, b)`, `ALL PRIVILEGES`, `app_read`.
    pub privileges: Vec<Span>,
    /// `ALL [PRIVILEGES]`.
    pub all: bool,
    /// `SUPER`.
    pub superuser: bool,
    /// Behind `ON`: `shop.*`. None where roles are granted.
    pub on: Option<Span>,
    /// `WITH GRANT OPTION`, `WITH ADMIN OPTION`.
    pub with_grant_option: bool,
}

/// A statement that administers the server. It has no rows and no structure of a table for a review to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// What it is about.
    pub task: Task,
    /// The words that say so, for a finding: `OPTIMIZE TABLE`.
    pub words: Span,
    /// Tables that it names, where they are read.
    pub tables: Vec<TableRef>,
    /// The database of an `ALTER DATABASE`.
    pub database: Option<Name>,
    /// Of a `GRANT` or `REVOKE`.
    pub grant: Option<Grant>,
}
