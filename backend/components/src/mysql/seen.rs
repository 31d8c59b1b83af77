//! What a server says of a connection whose process vanished: whether its statement still runs, and where the binary log is.

use super::{
    OpenError,
    connect::{connect, plain, server_error},
};
use dbdesk_commands::wire::entry::Seen;
use sqlx::{Connection as _, Executor as _, MySqlConnection, Row as _, mysql::MySqlConnectOptions};
use std::time::Duration;

/// Longest stage that is told.
const STAGE_CHARS: usize = 80;

/// What connection `id` does now, and the binary log's position, where the account may ask for it; within `limit`.
pub async fn last_seen(target: &MySqlConnectOptions, id: u64, limit: Duration) -> (Seen, Option<String>) {
    match tokio::time::timeout(limit, asked(target, id, limit)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => (Seen::NotAsked { message: error.to_string() }, None),
        Err(_) => (Seen::NotAsked { message: format!("no answer within {} ms", limit.as_millis()) }, None),
    }
}

async fn asked(
    target: &MySqlConnectOptions,
    id: u64,
    limit: Duration,
) -> Result<(Seen, Option<String>), OpenError> {
    let mut server = connect(&plain(target), limit).await?;
    let row: Result<Option<(String, i64, Option<String>)>, sqlx::Error> = sqlx::query_as(
        "SELECT CAST(command AS CHAR), CAST(time AS SIGNED), CAST(state AS CHAR) FROM information_schema.processlist WHERE id = ?",
    )
    .bind(id)
    .fetch_optional(&mut server)
    .await;
    let seen = match row {
        Ok(None) => Seen::Gone,
        Ok(Some((command, ..))) if command == "Sleep" => Seen::Idle,
        Ok(Some((_, seconds, state))) => Seen::Runs {
            elapsed_ms: u64::try_from(seconds).unwrap_or_default() * 1_000,
            stage: state.unwrap_or_default().chars().take(STAGE_CHARS).collect(),
        },
        Err(error) => Seen::NotAsked {
            message: server_error(&error).map_or_else(|| error.to_string(), |(_, message)| message),
        },
    };
    let binlog = binlog(&mut server).await;
    let _ = tokio::time::timeout(limit, server.close()).await;
    Ok((seen, binlog))
}

/// `file:position`. MySQL 8.2 renamed the statement.
async fn binlog(server: &mut MySqlConnection) -> Option<String> {
    for ask in ["SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"] {
        if let Ok(Some(row)) = server.fetch_optional(ask).await {
            let (file, position) = (row.try_get::<String, _>(0).ok()?, row.try_get::<u64, _>(1).ok()?);
            return Some(format!("{file}:{position}"));
        }
    }
    None
}
