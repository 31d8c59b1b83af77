//! Tools that change a table while everybody works with it: they copy it, follow its changes, and let the copy take its place.
//!
//! A [`Tool`] says how it is started, steered and understood. Whoever runs it is `dbdesk_executor::run::online`.

pub mod alter;
mod gh_ost;
mod pt;

pub use gh_ost::GhOst;
pub use pt::Pt;

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// What is to be done, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Job {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// What stands behind `ALTER TABLE name`.
    pub alter: String,
    /// What the copy is called until it takes the table's place: of this work only.
    pub copy: String,
    /// A folder of this work only, in which nobody else reads. The account's password is in [`Job::account_file`].
    pub folder: PathBuf,
    /// One chunk should take so long.
    pub chunk: Duration,
    /// A lock is waited for so long at a time.
    pub lock_wait_s: u32,
    /// The process that steers it: without that one it ends.
    pub parent: u32,
    /// The server knows `explain_format`, and its default is not a table.
    pub explains_as_tree: bool,
}

impl Job {
    /// Where the account is written: user and password, as the servers' own clients read them.
    #[must_use]
    pub fn account_file(&self) -> PathBuf {
        self.folder.join("account.cnf")
    }
}

/// A program and its words. No secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program, by its name or path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Added to its environment.
    pub environment: Vec<(&'static str, String)>,
}

/// What the tool is to do, at its next look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Copy, and change places when all is copied.
    Go,
    /// Copy, but do not change places yet.
    Hold,
    /// Do nothing.
    Wait,
    /// End, and leave everything as it was.
    Stop,
}

/// What a line of its output says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It works on its connection of this number.
    Connection(u64),
    /// It makes the triggers that follow changes, or what else needs the table's lock.
    Prepares,
    /// It copies rows, about so many in all.
    Copies {
        /// By the server's statistics.
        rows: u64,
    },
    /// So far it is.
    Copied {
        /// In thousandths.
        permille: u16,
        /// It thinks that it needs so long.
        left_ms: Option<u64>,
    },
    /// All is copied.
    AllCopied,
    /// The copy is about to take the table's place.
    Swaps,
    /// It has; the table as it was is called so now.
    Swapped {
        /// In the same database.
        old: String,
    },
    /// A value does not fit into the copy: what it would leave is not what was there.
    Loses(String),
    /// Anything else.
    Line(String),
}

/// A tool.
pub trait Tool: Send + Sync {
    /// Its program.
    fn program(&self) -> &str;
    /// Writes what it needs into the job's folder, and says how it is started.
    fn prepare(&self, job: &Job) -> io::Result<Command>;
    /// Tells it what to do. Told anew at least every few seconds: what hears nothing for long waits.
    fn tell(&self, job: &Job, word: Word) -> io::Result<()>;
    /// Understands a line.
    fn hear(&self, job: &Job, line: &str) -> Heard;
    /// What it leaves behind when it is ended by force: triggers first, then tables.
    fn leavings(&self, job: &Job) -> Leavings;
}

/// What may be left of a work that was ended by force. The tables' names are of this work only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leavings {
    /// Triggers of the job's database that write into one of the tables, to be dropped first.
    pub triggers: Vec<String>,
    /// Tables of the job's database, to be dropped after them.
    pub tables: Vec<String>,
}

/// Replaces a file at once: who reads it sees the old text or the new one.
fn put(file: &Path, text: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    std::fs::write(&new, text)?;
    std::fs::rename(new, file)
}
