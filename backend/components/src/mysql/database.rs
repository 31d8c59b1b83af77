//! A database that was made, and is to be gone again.

use super::connect::{OpenError, connect, open_error, plain};
use sqlx::{
    AssertSqlSafe,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;
use tokio::time::timeout;

/// Drops it where it has no table, and is there. Gives how many tables keep it.
///
/// # Errors
/// The server can not be reached, or refuses.
pub async fn drop_if_empty(
    server: &MySqlConnectOptions,
    name: &str,
    limit: Duration,
) -> Result<u64, OpenError> {
    let mut connection = connect(&plain(server), limit).await?;
    match timeout(limit, drop_it(&mut connection, name)).await {
        Ok(Ok(tables)) => Ok(tables),
        Ok(Err(error)) => Err(open_error(&error)),
        Err(_) => Err(OpenError::Unreachable("it did not answer in time".into())),
    }
}

async fn drop_it(connection: &mut MySqlConnection, name: &str) -> Result<u64, sqlx::Error> {
    let tables: u64 = sqlx::query_scalar(
        "SELECT CAST(COUNT(*) AS UNSIGNED) FROM information_schema.tables WHERE table_schema = ?",
    )
    .bind(name)
    .fetch_one(&mut *connection)
    .await?;
    if tables == 0 {
        let quoted = name.replace('`', "``");
        sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE IF EXISTS `{quoted}`")))
            .execute(connection)
            .await?;
    }
    Ok(tables)
}
