//! What is asked of the server beside its log.

use super::{BinlogError, Server, Transaction, value::Spelling};
use crate::mysql::connect::{READS_AS_THE_REVIEW, connect, cut, open_error, plain, server_error};
use dbdesk_review::{facts::Column, types::TypeKind};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnection, MySqlRow},
};
use std::time::Duration;
use tokio::time::timeout;

/// "You are not using binary logging".
const OFF: u16 = 1381;
const DENIED: [u16; 2] = [1227, 1142];
/// Events behind the beginning of a transaction among which its statement stands.
const NEAR: u32 = 6;
/// Characters of a statement that are shown.
const SHOWN_CHARS: usize = 300;

/// The log of a server.
#[derive(Debug)]
pub(super) struct Log {
    /// Its files, the oldest first.
    pub(super) files: Vec<String>,
    pub(super) ignores_case: bool,
    /// Of each column, how the members of its `ENUM` or `SET` are written.
    pub(super) spellings: Vec<Option<Spelling>>,
}

pub(super) async fn ask(server: &Server, columns: &[Column], limit: Duration) -> Result<Log, BinlogError> {
    let mut connection = open(server, limit).await?;
    let asking = async {
        let ignores_case = settings(&mut connection).await?;
        let files = files(&mut connection).await?;
        let mut spellings = Vec::with_capacity(columns.len());
        for column in columns {
            spellings.push(spelling(&mut connection, column).await?);
        }
        Ok(Log { files, ignores_case, spellings })
    };
    let asked = timeout(limit, asking).await.unwrap_or_else(|_| Err(silent(limit)));
    let _ = timeout(limit, connection.close()).await;
    asked
}

async fn open(server: &Server, limit: Duration) -> Result<MySqlConnection, BinlogError> {
    let opened = connect(&plain(&server.options()), limit).await;
    let mut connection = opened.map_err(|error| BinlogError::Unreachable(error.to_string()))?;
    let set = timeout(limit, connection.execute(READS_AS_THE_REVIEW)).await;
    set.map_err(|_| silent(limit))?.map_err(|error| of(&error))?;
    Ok(connection)
}

/// Whether the case of a table's name means nothing, where the log is one that tells rows in full.
async fn settings(connection: &mut MySqlConnection) -> Result<bool, BinlogError> {
    let rows = sqlx::raw_sql(
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_bin', 'binlog_format', 'binlog_row_image', \
         'lower_case_table_names')",
    )
    .fetch_all(connection)
    .await
    .map_err(|error| of(&error))?;
    let mut ignores_case = false;
    for row in rows {
        let (name, value) = (text(&row, 0)?, text(&row, 1)?);
        match (name.as_str(), value.to_ascii_uppercase().as_str()) {
            ("log_bin", "OFF" | "0") => return Err(BinlogError::Off),
            ("binlog_format", format) if format != "ROW" => {
                return Err(BinlogError::Format { format: format.to_owned() });
            }
            ("binlog_row_image", image) if image != "FULL" => return Err(BinlogError::Partial),
            ("lower_case_table_names", value) => ignores_case = value != "0",
            _ => {}
        }
    }
    Ok(ignores_case)
}

async fn files(connection: &mut MySqlConnection) -> Result<Vec<String>, BinlogError> {
    match sqlx::raw_sql("SHOW BINARY LOGS").fetch_all(connection).await {
        Ok(rows) => rows.iter().map(|row| text(row, 0)).collect(),
        Err(error) if server_error(&error).is_some_and(|(code, _)| code == OFF) => Err(BinlogError::Off),
        Err(error) => Err(of(&error)),
    }
}

async fn spelling(
    connection: &mut MySqlConnection,
    column: &Column,
) -> Result<Option<Spelling>, BinlogError> {
    let now = &column.column_type;
    if !matches!(now.kind, TypeKind::Enum | TypeKind::Set) {
        return Ok(None);
    }
    let charset = now.charset.as_deref().unwrap_or("utf8mb4");
    if !charset.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(BinlogError::Inexact { column: column.name.clone() });
    }
    let written = |text: &str| {
        let bytes = hex::encode(text);
        format!("SELECT HEX(CONVERT(_utf8mb4 X'{bytes}' USING {charset}))")
    };
    let all = now.members.iter().map(String::as_str).chain([","]).map(written);
    let asked = sqlx::raw_sql(AssertSqlSafe(all.collect::<Vec<_>>().join(" UNION ALL ")));
    let rows = asked.fetch_all(connection).await.map_err(|error| of(&error))?;
    let mut members = rows.iter().map(|row| text(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let comma = members.pop().unwrap_or_default();
    Ok(Some(Spelling { members, comma }))
}

/// Adds what else the server tells of these transactions: their first statement, and who is still connected that ran them. What it does
/// not tell is left out.
pub(super) async fn beside(server: &Server, transactions: &mut [Transaction], limit: Duration) {
    let Ok(mut connection) = open(server, limit).await else { return };
    let asking = async {
        let since = up_since(&mut connection).await;
        for transaction in transactions {
            transaction.statement = statement(&mut connection, transaction).await;
            // Numbers of connections count anew after a restart.
            if since.is_some_and(|since| since < transaction.at) {
                transaction.who = who(&mut connection, transaction.thread).await;
            }
        }
    };
    let _ = timeout(limit, asking).await;
    let _ = timeout(limit, connection.close()).await;
}

/// When the server was started, in seconds since 1970.
async fn up_since(connection: &mut MySqlConnection) -> Option<u32> {
    let row = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Uptime'").fetch_one(&mut *connection).await.ok()?;
    let up: u64 = text(&row, 1).ok()?.parse().ok()?;
    let row = sqlx::raw_sql("SELECT CAST(UNIX_TIMESTAMP() AS CHAR)").fetch_one(connection).await.ok()?;
    let now: u64 = text(&row, 0).ok()?.parse().ok()?;
    u32::try_from(now.checked_sub(up)?).ok()
}

async fn statement(connection: &mut MySqlConnection, transaction: &Transaction) -> Option<String> {
    let (file, from) = (transaction.file.replace('\'', "''"), transaction.position);
    let asked = AssertSqlSafe(format!("SHOW BINLOG EVENTS IN '{file}' FROM {from} LIMIT {NEAR}"));
    let rows = sqlx::raw_sql(asked).fetch_all(connection).await.ok()?;
    rows.iter().find_map(|row| {
        let (kind, info) = (text(row, 2).ok()?, text(row, 5).ok()?);
        if !matches!(kind.as_str(), "Annotate_rows" | "Rows_query") {
            return None;
        }
        let info = info.strip_prefix("# ").unwrap_or(&info);
        Some(info.chars().take(SHOWN_CHARS).collect())
    })
}

async fn who(connection: &mut MySqlConnection, thread: Option<u32>) -> Option<String> {
    let asked = sqlx::query_as::<_, (String, String)>(
        "SELECT user, host FROM information_schema.processlist WHERE id = ?",
    )
    .bind(thread?);
    let (user, host) = asked.fetch_optional(connection).await.ok()??;
    let host = host.rsplit_once(':').map_or(host.as_str(), |(host, _)| host);
    Some(format!("{user}@{host}"))
}

fn text(row: &MySqlRow, at: usize) -> Result<String, BinlogError> {
    row.try_get_unchecked(at).map_err(|error| of(&error))
}

fn silent(limit: Duration) -> BinlogError {
    BinlogError::Unreachable(format!("no answer within {} ms", limit.as_millis()))
}

fn of(error: &sqlx::Error) -> BinlogError {
    match server_error(error) {
        Some((code, message)) if DENIED.contains(&code) => BinlogError::Denied(message),
        Some((_, message)) => BinlogError::Broken(message),
        None => BinlogError::Unreachable(match open_error(error) {
            crate::mysql::OpenError::Unreachable(why) => why,
            other => cut(&other.to_string()),
        }),
    }
}
