//! Ending the sessions of accounts.

use super::{Accounts, StatementError, late, refusal};
use dbdesk_account::statements::Sessions;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tokio::time::timeout;

/// Sessions that are ended in one go.
const MAX_SESSIONS: usize = 10_000;
/// "Unknown thread id": it ended by itself.
const NO_SUCH_THREAD: u16 = 1094;

impl Accounts {
    /// Ends what sessions these accounts have, and gives their number. Which of several accounts of a user a session belongs to is not
    /// told by every server: those from the accounts' hosts are ended.
    pub async fn end_sessions(&mut self, sessions: &Sessions) -> Result<usize, StatementError> {
        let mut ended = 0;
        for id in self.ids(sessions).await? {
            let kill = self.connection.execute(AssertSqlSafe(format!("KILL CONNECTION {id}")));
            match timeout(self.limit, kill).await.map_err(|_| late())?.map_err(|error| refusal(&error)) {
                Ok(_) => ended += 1,
                Err(StatementError::Server { code: NO_SUCH_THREAD, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    async fn ids(&mut self, sessions: &Sessions) -> Result<Vec<u64>, StatementError> {
        let asked = sqlx::query(AssertSqlSafe(format!(
            "SELECT CAST(id AS UNSIGNED), CAST(host AS CHAR) FROM information_schema.processlist \
             WHERE user = ? AND id <> CONNECTION_ID() LIMIT {MAX_SESSIONS}"
        )))
        .bind(&sessions.user)
        .fetch_all(&mut self.connection);
        let rows = timeout(self.limit, asked).await.map_err(|_| late())?.map_err(|error| refusal(&error))?;
        let mut ids = Vec::new();
        for row in rows {
            let id = row.try_get_unchecked(0).map_err(|error| refusal(&error))?;
            let client: String = row.try_get_unchecked(1).map_err(|error| refusal(&error))?;
            if sessions.covers(&client) {
                ids.push(id);
            }
        }
        Ok(ids)
    }
}
