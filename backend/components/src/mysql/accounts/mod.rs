//! Accounts of a server: reading them, what each may, and running the statements that [`dbdesk_account`] writes.
//!
//! The account for this is one of its own (`account_user`): what it needs is [`dbdesk_account::desk::grants`], and no more.

mod own;
mod read;
mod run;
mod sessions;

pub use read::{MAX_ACCOUNTS, ReadError};
pub use run::Ran;

use super::{
    connect::{READ_ONLY, READS_AS_THE_REVIEW, connect, open_error, plain},
    target::{OpenError, StatementError, statement_error},
};
use dbdesk_account::Dialect;
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;
use tokio::time::timeout;

/// A connection for the accounts of one server. After an error that is no refusal of the server it is of no use any more.
#[derive(Debug)]
pub struct Accounts {
    connection: MySqlConnection,
    dialect: Dialect,
    /// The third number of its version.
    patch: Option<u16>,
    plugins: Vec<String>,
    limit: Duration,
}

impl Accounts {
    /// Connects, and asks what decides how statements are written; `limit` is for each step, then and later.
    pub async fn open(server: &MySqlConnectOptions, limit: Duration) -> Result<Self, OpenError> {
        let mut connection = connect(&plain(server), limit).await?;
        let asked = timeout(limit, dialect(&mut connection)).await;
        let asked =
            asked.map_err(|_| OpenError::Unreachable("the session could not be set up in time".into()))?;
        let (dialect, patch, plugins) = asked.map_err(|error| open_error(&error))?;
        Ok(Self { connection, dialect, patch, plugins, limit })
    }

    /// How statements are written for it.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether account statements run on it.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.dialect.is_served_at(self.patch)
    }

    /// Whether it takes no writes of ordinary accounts: it is no primary. This account might write there all the same.
    pub async fn is_read_only(&mut self) -> Result<bool, StatementError> {
        let asked = sqlx::query_scalar::<_, u64>(AssertSqlSafe(format!("SELECT {READ_ONLY}")));
        let told = timeout(self.limit, asked.fetch_one(&mut self.connection)).await.map_err(|_| late())?;
        told.map(|value| value != 0).map_err(|error| refusal(&error))
    }

    /// The names of its active authentication plugins.
    #[must_use]
    pub fn plugins(&self) -> &[String] {
        &self.plugins
    }

    /// Ends it in order.
    pub async fn close(self) {
        let _ = timeout(self.limit, self.connection.close()).await;
    }
}

async fn dialect(
    connection: &mut MySqlConnection,
) -> Result<(Dialect, Option<u16>, Vec<String>), sqlx::Error> {
    connection.execute(READS_AS_THE_REVIEW).await?;
    connection.execute("SET SESSION sql_quote_show_create = 1").await?;
    let version: String =
        sqlx::raw_sql("SELECT VERSION()").fetch_one(&mut *connection).await?.try_get_unchecked(0)?;
    let flavour = Flavour::of_version(&version).unwrap_or_default();
    let mut dialect = Dialect::of(flavour);
    let patch = Flavour::patch_of_version(&version);
    // One that is too old knows none of it; whoever asks is told so, not that a variable is missing.
    if !dialect.is_mariadb() && dialect.is_served_at(patch) {
        // Salts of servers have characters that are no text.
        connection.execute("SET SESSION print_identified_with_as_hex = 1").await?;
        let set = sqlx::raw_sql("SHOW GLOBAL VARIABLES LIKE 'partial_revokes'")
            .fetch_optional(&mut *connection)
            .await?;
        dialect.partial_revokes = set
            .map(|row| row.try_get_unchecked::<String, _>(1))
            .transpose()?
            .is_some_and(|value| value.eq_ignore_ascii_case("ON"));
    }
    let active = "SELECT CAST(plugin_name AS CHAR) FROM information_schema.plugins \
         WHERE plugin_type = 'AUTHENTICATION' AND plugin_status = 'ACTIVE' ORDER BY 1";
    let rows = sqlx::raw_sql(active).fetch_all(connection).await?;
    let plugins = rows.iter().map(|row| row.try_get_unchecked(0)).collect::<Result<_, _>>()?;
    Ok((dialect, patch, plugins))
}

/// What the server says to an account statement, without what it repeats of it.
fn refusal(error: &sqlx::Error) -> StatementError {
    match statement_error(error) {
        StatementError::Server { code, mut message } => {
            if let Some(at) = message.find(" near ") {
                message.truncate(at);
            }
            StatementError::Server { code, message }
        }
        lost @ StatementError::Lost(_) => lost,
    }
}

fn late() -> StatementError {
    StatementError::Lost("it was not answered in time".into())
}
