//! One session of a ticket on a target at a time: each holds a lock of the server under the ticket's name. A process that was frozen
//! between its last look at its lease and the sending finds its session ended, once the ticket is tried again.

use super::connect::{OpenError, READ_ONLY, open_error, server_error};
use dbdesk_commands::{clock::Time, id::TicketId};
use sqlx::{AssertSqlSafe, Executor as _, Row as _, mysql::MySqlConnection};
use std::fmt;

/// How clusters say that they have no such locks: a strict mode that forbids them, one that can not, a proxy that does not know them.
const WITHOUT_LOCKS: [u16; 3] = [1105, 1235, 1305];

/// A session that was ended rolls back within so long, else it is tried again later.
const ENDS_WITHIN_S: u32 = 2;

/// The name of the lock, within the 64 characters that servers take. When the ticket was filed keeps two desks on one target apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    ticket: TicketId,
    filed_at: Time,
}

impl Fence {
    /// The fence of this ticket.
    #[must_use]
    pub fn new(ticket: TicketId, filed_at: Time) -> Self {
        Self { ticket, filed_at }
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dbdesk {} {}", self.ticket, self.filed_at.timestamp_millis())
    }
}

/// What a new session asks first.
pub(super) struct Asked {
    pub(super) id: u64,
    pub(super) read_only: bool,
}

/// Asks who we are, and takes the lock, if there is to be one. An idle session that holds it is ended; one that works is not.
pub(super) async fn pass(connection: &mut MySqlConnection, fence: Option<Fence>) -> Result<Asked, OpenError> {
    let Some(fence) = fence else {
        return ask(connection, "1").await.map(|(asked, _)| asked).map_err(|error| open_error(&error));
    };
    let (asked, got) = match ask(connection, &format!("CAST(GET_LOCK('{fence}', 0) AS SIGNED)")).await {
        Err(error) if server_error(&error).is_some_and(|(code, _)| WITHOUT_LOCKS.contains(&code)) => {
            tracing::warn!(%fence, %error, "the target has no locks by name; a session of an earlier try is not ended");
            ask(connection, "1").await
        }
        asked => asked,
    }
    .map_err(|error| open_error(&error))?;
    if asked.read_only || got == Some(1) {
        return Ok(asked);
    }
    let held = take_over(connection, fence).await.map_err(|error| open_error(&error))?;
    held.map_or(Ok(asked), Err)
}

async fn ask(connection: &mut MySqlConnection, lock: &str) -> Result<(Asked, Option<i64>), sqlx::Error> {
    let text = format!("SELECT CAST(CONNECTION_ID() AS UNSIGNED), {READ_ONLY}, {lock}");
    let row = connection.fetch_one(AssertSqlSafe(text)).await?;
    let asked = Asked { id: row.try_get(0)?, read_only: row.try_get::<u64, _>(1)? != 0 };
    Ok((asked, row.try_get(2)?))
}

/// Ends the session that holds the lock, if it does nothing; `Some`: why there is no passing yet.
async fn take_over(connection: &mut MySqlConnection, fence: Fence) -> Result<Option<OpenError>, sqlx::Error> {
    let holder = format!(
        "SELECT CAST(id AS UNSIGNED), CAST(command AS CHAR) FROM information_schema.processlist WHERE id = IS_USED_LOCK('{fence}')"
    );
    let mut who = "a session of an earlier try".to_owned();
    if let Some(row) = connection.fetch_optional(AssertSqlSafe(holder)).await? {
        let (id, command): (u64, String) = (row.try_get(0)?, row.try_get(1)?);
        if command != "Sleep" {
            return Ok(Some(OpenError::Unreachable(format!(
                "connection {id} of an earlier try of this ticket still works ({command}); wait until it is done, or end it"
            ))));
        }
        tracing::warn!(%fence, connection = id, "an idle session of an earlier try is ended");
        match connection.execute(AssertSqlSafe(format!("KILL {id}"))).await {
            Ok(_) => {}
            // 1094: no such thread any more.
            Err(error) if server_error(&error).is_some_and(|(code, _)| code == 1094) => {}
            Err(error) => return Err(error),
        }
        who = format!("connection {id} of an earlier try");
    }
    let wait = format!("CAST(GET_LOCK('{fence}', {ENDS_WITHIN_S}) AS SIGNED)");
    Ok(match ask(connection, &wait).await? {
        (_, Some(1)) => None,
        _ => Some(OpenError::Unreachable(format!("{who} is not gone yet"))),
    })
}
