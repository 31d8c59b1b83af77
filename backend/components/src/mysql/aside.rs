//! Tables that were set aside.

use super::connect::{OpenError, connect, open_error, plain};
use dbdesk_undo::field::quoted;
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
        let drop = format!("DROP TABLE IF EXISTS {}.{}", quoted(schema), quoted(table));
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
