//! Tables that were set aside.

use super::connect::{OpenError, connect, open_error, plain};
use dbdesk_undo::field::{full_name, quoted};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, mysql::MySqlConnectOptions};
use std::time::Duration;

/// Drops one for good, if it is there.
pub async fn drop_kept(
    server: &MySqlConnectOptions,
    (schema, table): (&str, &str),
    limit: Duration,
) -> Result<(), OpenError> {
    let mut connection = connect(&plain(server), limit).await?;
    let dropping = async {
        connection.execute("SET SESSION lock_wait_timeout = 3").await?;
        let drop = format!("DROP TABLE IF EXISTS {}", full_name(schema, table));
        connection.execute(AssertSqlSafe(drop)).await
    };
    let dropped = tokio::time::timeout(limit, dropping).await;
    match dropped {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Err(open_error(&error)),
        Err(_) => return Err(OpenError::Unreachable("it was not dropped in time".into())),
    }
    let _ = tokio::time::timeout(limit, connection.close()).await;
    Ok(())
}

/// Sets one aside, if it is there; its schema is made where it is not.
pub async fn keep(
    server: &MySqlConnectOptions,
    (database, table): (&str, &str),
    (schema, kept_as): (&str, &str),
    limit: Duration,
) -> Result<(), OpenError> {
    let mut connection = connect(&plain(server), limit).await?;
    let keeping = async {
        connection.execute("SET SESSION lock_wait_timeout = 3").await?;
        // Without the right to make it, it may be there.
        let _ = connection
            .execute(AssertSqlSafe(format!("CREATE DATABASE IF NOT EXISTS {}", quoted(schema))))
            .await;
        let rename = format!("RENAME TABLE {} TO {}", full_name(database, table), full_name(schema, kept_as));
        connection.execute(AssertSqlSafe(rename)).await
    };
    match tokio::time::timeout(limit, keeping).await {
        Ok(kept) => kept.map(drop).map_err(|error| open_error(&error))?,
        Err(_) => return Err(OpenError::Unreachable("it was not set aside in time".into())),
    }
    let _ = tokio::time::timeout(limit, connection.close()).await;
    Ok(())
}
