//! What the binary log of a server says of the rows of one table in a time: what was changed over whatever connection.
//!
//! The log is read as a replica reads it, from the file in which the time begins to its end; a change of the table's structure after the
//! rows that are wanted is seen that way. `mysql_async` brings the events, `scan` keeps what is wanted, `value` has each value as the
//! server tells it when the row is asked for.

mod bytes;
mod compressed;
mod json;
mod log;
mod moment;
mod net;
mod real;
mod rows;
mod scan;
mod statement;
mod stream;
mod table_map;
mod value;

use dbdesk_review::facts::Column;
use dbdesk_undo::{Layout, Row};
use rows::Reader;
use sqlx::mysql::MySqlConnectOptions;
use std::{fmt, time::Duration};

/// Where the log is, and as whom it is read.
#[derive(Clone)]
pub struct Server {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: String,
}

/// Does not show the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.user, self.host, self.port)
    }
}

impl Server {
    fn options(&self) -> MySqlConnectOptions {
        MySqlConnectOptions::new()
            .host(&self.host)
            .port(self.port)
            .username(&self.user)
            .password(&self.password)
    }
}

/// Which changes.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The table, and what is kept of its rows.
    pub layout: Layout,
    /// All its columns, in their order.
    pub columns: Vec<Column>,
    /// Of which family its server is.
    pub is_mariadb: bool,
    /// From this second since 1970.
    pub from: u32,
    /// To this one.
    pub until: u32,
}

/// How much is read and kept.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Rows.
    pub rows: usize,
    /// Bytes of their values.
    pub bytes: usize,
    /// Bytes of the log.
    pub read: u64,
    /// For connecting, and for each question beside the log.
    pub open: Duration,
    /// For reading.
    pub time: Duration,
    /// Transactions of which it is asked who ran them.
    pub told: usize,
}

/// What one transaction did to the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// When its first statement on the table was run, in seconds since 1970.
    pub at: u32,
    /// What the server calls it, where it does.
    pub gtid: Option<String>,
    /// The connection that ran it, where the server tells.
    pub thread: Option<u32>,
    /// The file of the log in which it stands.
    pub file: String,
    /// Where it begins there.
    pub position: u64,
    /// Its first statement, where the server keeps that.
    pub statement: Option<String>,
    /// Whose connection that is, where it is still there: `user@host`.
    pub who: Option<String>,
    /// What it did to each row, in its order.
    pub rows: Vec<Row>,
}

/// Why nothing can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BinlogError {
    /// The server keeps no log.
    #[error("the binary log is off")]
    Off,
    /// The log holds statements, not rows.
    #[error("the binary log is written in {format}")]
    Format {
        /// How it is written.
        format: String,
    },
    /// The log does not hold whole rows.
    #[error("the binary log does not hold whole rows")]
    Partial,
    /// The account may not read it.
    #[error("the account may not read the binary log: {0}")]
    Denied(String),
    /// The server can not be reached.
    #[error("the server can not be reached: {0}")]
    Unreachable(String),
    /// The time lies before the oldest file.
    #[error("the oldest file of the binary log begins at {oldest}")]
    TooOld {
        /// When that begins, in seconds since 1970.
        oldest: u32,
    },
    /// The table was another one then.
    #[error("the table has changed its structure")]
    Restructured {
        /// When it changed, where that is known.
        at: Option<u32>,
    },
    /// All rows went at once, and the log does not say which.
    #[error("the table was emptied at {at}")]
    Emptied {
        /// When.
        at: u32,
    },
    /// A change stands there as a statement.
    #[error("a statement of {at} is logged without its rows")]
    NotRows {
        /// When.
        at: u32,
    },
    /// A value can not be had exactly.
    #[error("a value of {column} can not be had exactly")]
    Inexact {
        /// Of which column.
        column: String,
    },
    /// More rows than are kept.
    #[error("too many rows")]
    TooManyRows,
    /// More bytes of values than are kept.
    #[error("too many bytes")]
    TooManyBytes,
    /// More of the log than is read.
    #[error("too much of the log")]
    TooMuchLog,
    /// It took too long.
    #[error("it took too long")]
    TooLong,
    /// The log can not be understood.
    #[error("the binary log can not be read: {0}")]
    Broken(String),
}

/// The transactions that changed rows of the table, in their order. `mark` is what the server calls us among its replicas: that of no other.
pub async fn read(
    server: Server,
    wanted: Wanted,
    bounds: Bounds,
    mark: u32,
) -> Result<Vec<Transaction>, BinlogError> {
    // The library that reads the log may panic where a server sends what none does.
    let reading = tokio::spawn(async move {
        let limit = bounds.time;
        let within = tokio::time::timeout(limit, within(server, wanted, bounds, mark)).await;
        within.unwrap_or(Err(BinlogError::TooLong))
    });
    reading.await.unwrap_or_else(|_| Err(BinlogError::Broken("an event makes no sense".into())))
}

async fn within(
    server: Server,
    wanted: Wanted,
    bounds: Bounds,
    mark: u32,
) -> Result<Vec<Transaction>, BinlogError> {
    let log = log::ask(&server, &wanted.columns, bounds.open).await?;
    let file = first_file((&server, mark), &log.files, wanted.from, bounds.open).await?;
    let columns = wanted.columns.iter().cloned().zip(log.spellings).collect();
    let reader = Reader { columns, key: wanted.layout.key.clone() };
    let mut scan = scan::Scan::new((file, wanted), reader, bounds, log.ignores_case);
    stream::follow((&server, mark), file, bounds, |event| scan.event(event)).await?;
    let mut transactions = scan.end();
    let told = transactions.len().min(bounds.told);
    if let Some(told) = transactions.get_mut(..told) {
        log::beside(&server, told, bounds.open).await;
    }
    Ok(transactions)
}

/// The last file that was begun before the time. Each is asked when it was begun only as far as it takes to find it.
async fn first_file<'a>(
    server: (&Server, u32),
    files: &'a [String],
    from: u32,
    limit: Duration,
) -> Result<&'a str, BinlogError> {
    let (mut low, mut high) = (0, files.len());
    let mut oldest = None;
    while low < high {
        let middle = low.midpoint(high);
        let Some(file) = files.get(middle) else { break };
        let begun = stream::begun(server, file, limit).await?;
        if middle == 0 {
            oldest = Some(begun);
        }
        if begun <= from { low = middle + 1 } else { high = middle }
    }
    match low.checked_sub(1).and_then(|at| files.get(at)) {
        Some(file) => Ok(file),
        None => match oldest {
            Some(oldest) => Err(BinlogError::TooOld { oldest }),
            None => Err(BinlogError::Off),
        },
    }
}
