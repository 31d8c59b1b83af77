//! Running statements on accounts.

use super::{Accounts, StatementError, late, refusal};
use dbdesk_account::{AccountName, Scramble, Statement, statement::Unless};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};
use tokio::time::timeout;

/// What became of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// It ran.
    Done,
    /// The server says that it was so already.
    Settled,
    /// It had run before, and was not sent again.
    Before,
}

impl Accounts {
    /// Runs one statement. Where the connection broke before the answer, nobody knows whether it ran: the list it belongs to is run from
    /// its start on a new one.
    pub async fn run(&mut self, statement: &Statement) -> Result<Ran, StatementError> {
        if let Some(Unless::Has(account, scramble)) = statement.unless()
            && self.has(account, scramble).await?
        {
            return Ok(Ran::Before);
        }
        let sent = self.connection.execute(AssertSqlSafe(statement.sql().to_owned()));
        match timeout(self.limit, sent).await.map_err(|_| late())? {
            Ok(_) => Ok(Ran::Done),
            Err(error) => match refusal(&error) {
                StatementError::Server { code, .. } if statement.is_settled_by(code) => Ok(Ran::Settled),
                refused => Err(refused),
            },
        }
    }

    /// Whether an account has this hash: its password was not changed by hand. Compared here, so that the hash is in no log of the server.
    pub async fn has(&mut self, account: &AccountName, scramble: &Scramble) -> Result<bool, StatementError> {
        let asked = sqlx::query(
            "SELECT CAST(authentication_string AS BINARY) FROM mysql.user WHERE User = ? AND Host = ?",
        )
        .bind(&account.user)
        .bind(&account.host)
        .fetch_optional(&mut self.connection);
        let row = timeout(self.limit, asked).await.map_err(|_| late())?.map_err(|error| refusal(&error))?;
        let Some(row) = row else { return Ok(false) };
        let live: Vec<u8> = row.try_get_unchecked(0).map_err(|error| refusal(&error))?;
        Ok(live == scramble.reveal().as_bytes())
    }
}
