//! Definitions of tables, as the server says them.

use super::connect::{OpenError, READS_AS_THE_REVIEW, connect, open_error, plain, server_error};
use dbdesk_review::facts::TableName;
use dbdesk_undo::field::full_name;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;

/// No such table; no such database.
const ABSENT: [u16; 2] = [1146, 1049];

/// That of each table; `None` where there is none.
pub async fn definitions(
    server: &MySqlConnectOptions,
    tables: &[TableName],
    limit: Duration,
) -> Result<Vec<Option<String>>, OpenError> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let mut connection = connect(&plain(server), limit).await?;
    // However the server is set: two servers must say the same of the same table.
    let same = connection
        .execute(READS_AS_THE_REVIEW)
        .await
        .and(connection.execute("SET SESSION sql_quote_show_create = 1").await);
    same.map_err(|error| open_error(&error))?;
    let mut found = Vec::with_capacity(tables.len());
    for table in tables {
        match tokio::time::timeout(limit, of(&mut connection, table)).await {
            Ok(definition) => found.push(definition?),
            Err(_) => {
                return Err(OpenError::Unreachable("SHOW CREATE TABLE was not answered in time".into()));
            }
        }
    }
    let _ = tokio::time::timeout(limit, connection.close()).await;
    Ok(found)
}

async fn of(connection: &mut MySqlConnection, table: &TableName) -> Result<Option<String>, OpenError> {
    let database = table.database.as_deref().unwrap_or_default();
    let sql = format!("SHOW CREATE TABLE {}", full_name(database, &table.table));
    let row = match connection.fetch_one(AssertSqlSafe(sql)).await {
        Ok(row) => row,
        Err(error) if server_error(&error).is_some_and(|(code, _)| ABSENT.contains(&code)) => {
            return Ok(None);
        }
        Err(error) => return Err(open_error(&error)),
    };
    // A view has other columns; its definition is no table's.
    row.try_get_unchecked(1).map(Some).map_err(|error| open_error(&error))
}
