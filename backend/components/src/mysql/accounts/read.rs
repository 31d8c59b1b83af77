//! The accounts of a server and what each may.

use super::{Accounts, StatementError, late, refusal};
use dbdesk_account::{AccountName, DatabaseName, database::LiveDatabase, name::quoted, shown::Live};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::timeout;

/// The most accounts of one server.
pub const MAX_ACCOUNTS: usize = 10_000;
/// Accounts that are asked about in one packet.
const AT_ONCE: usize = 50;
/// The account is not there: `SHOW GRANTS`, `SHOW CREATE USER`, and MariaDB's own.
const GONE: [u16; 3] = [1141, 1396, 1133];

/// Why the accounts of a server are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There are more than are looked at; none was.
    #[error("the server has more than {MAX_ACCOUNTS} accounts")]
    TooMany,
    /// It took too long.
    #[error("the accounts were not read in time")]
    Late,
    /// The server refused, or went away.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Statement(refusal(&error))
    }
}

/// An account that is listed.
struct Listed {
    name: AccountName,
    /// A role of MariaDB.
    is_role: bool,
    /// MySQL.
    has_second_password: bool,
}

impl Accounts {
    /// Every account with what it may, by name, within `total`. One that goes away meanwhile is left out.
    pub async fn all(&mut self, total: Duration) -> Result<Vec<Live>, ReadError> {
        timeout(total, self.read_all()).await.map_err(|_| ReadError::Late)?
    }

    /// One account; `None` where it is not there.
    pub async fn one(&mut self, name: &AccountName) -> Result<Option<Live>, ReadError> {
        let limit = self.limit;
        let one = async {
            match self.listed(Some(name)).await?.pop() {
                Some(listed) => self.read_one(&listed).await,
                None => Ok(None),
            }
        };
        timeout(limit, one).await.map_err(|_| ReadError::Late)?
    }

    /// Which of these accounts are there.
    pub async fn existing(&mut self, names: &[AccountName]) -> Result<Vec<AccountName>, StatementError> {
        let there = self.of_users_of(names).await?;
        Ok(names.iter().filter(|name| there.contains(name)).cloned().collect())
    }

    /// All accounts of the users of these, from whatever host, and roles of their name.
    pub async fn of_users_of(
        &mut self,
        names: &[AccountName],
    ) -> Result<BTreeSet<AccountName>, StatementError> {
        let users: BTreeSet<_> = names.iter().map(|name| &name.user).collect();
        let mut there = BTreeSet::new();
        for user in users {
            let asked = sqlx::query("SELECT CAST(Host AS CHAR) FROM mysql.user WHERE User = ?")
                .bind(user)
                .fetch_all(&mut self.connection);
            let rows =
                timeout(self.limit, asked).await.map_err(|_| late())?.map_err(|error| refusal(&error))?;
            for row in rows {
                let host: String = row.try_get_unchecked(0).map_err(|error| refusal(&error))?;
                there.insert(AccountName { user: user.clone(), host });
            }
        }
        Ok(there)
    }

    /// A database; `None` where it is not there or the account may not see it.
    pub async fn database(&mut self, name: &DatabaseName) -> Result<Option<LiveDatabase>, StatementError> {
        let asked = sqlx::query(
            "SELECT CAST(default_character_set_name AS CHAR), CAST(default_collation_name AS CHAR) \
             FROM information_schema.schemata WHERE schema_name = ?",
        )
        .bind(name.as_str())
        .fetch_optional(&mut self.connection);
        let row = timeout(self.limit, asked).await.map_err(|_| late())?.map_err(|error| refusal(&error))?;
        let live = row.map(|row| {
            let (charset, collation) = (row.try_get_unchecked(0)?, row.try_get_unchecked(1)?);
            Ok(LiveDatabase { charset, collation })
        });
        live.transpose().map_err(|error: sqlx::Error| refusal(&error))
    }

    async fn read_all(&mut self) -> Result<Vec<Live>, ReadError> {
        let listed = self.listed(None).await?;
        let mut all = Vec::with_capacity(listed.len());
        for some in listed.chunks(AT_ONCE) {
            match self.read_some(some).await {
                // One of them went away: each is asked for by itself.
                Err(ReadError::Statement(StatementError::Server { code, .. })) if GONE.contains(&code) => {
                    for one in some {
                        all.extend(self.read_one(one).await?);
                    }
                }
                some => all.extend(some?),
            }
        }
        Ok(all)
    }

    async fn listed(&mut self, only: Option<&AccountName>) -> Result<Vec<Listed>, ReadError> {
        let (is_role, has_second) = if self.dialect.is_mariadb() {
            ("is_role = 'Y'", "0")
        } else {
            ("0", "JSON_CONTAINS_PATH(User_attributes, 'one', '$.additional_password')")
        };
        let narrowed = if only.is_some() { "WHERE User = ? AND Host = ?" } else { "" };
        let sql = format!(
            "SELECT CAST(User AS CHAR), CAST(Host AS CHAR), CAST({is_role} AS SIGNED), CAST(COALESCE({has_second}, 0) AS SIGNED) \
             FROM mysql.user {narrowed} ORDER BY 1, 2 LIMIT {}",
            MAX_ACCOUNTS + 1
        );
        let mut asked = sqlx::query(AssertSqlSafe(sql));
        if let Some(name) = only {
            asked = asked.bind(&name.user).bind(&name.host);
        }
        let rows = asked.fetch_all(&mut self.connection).await?;
        if rows.len() > MAX_ACCOUNTS {
            return Err(ReadError::TooMany);
        }
        let listed = rows.iter().map(|row| {
            Ok(Listed {
                name: AccountName { user: row.try_get_unchecked(0)?, host: row.try_get_unchecked(1)? },
                is_role: row.try_get_unchecked::<i64, _>(2)? != 0,
                has_second_password: row.try_get_unchecked::<i64, _>(3)? != 0,
            })
        });
        listed.collect::<Result<_, sqlx::Error>>().map_err(ReadError::from)
    }

    async fn read_one(&mut self, listed: &Listed) -> Result<Option<Live>, ReadError> {
        match self.read_some(std::slice::from_ref(listed)).await {
            Err(ReadError::Statement(StatementError::Server { code, .. })) if GONE.contains(&code) => {
                Ok(None)
            }
            read => Ok(read?.pop()),
        }
    }

    /// All questions in one packet; the answers come in their order.
    async fn read_some(&mut self, listed: &[Listed]) -> Result<Vec<Live>, ReadError> {
        let sql: Vec<_> = listed.iter().map(questions).collect();
        let mut answers = vec![Vec::<String>::new()];
        let mut results = sqlx::raw_sql(AssertSqlSafe(sql.join(";"))).fetch_many(&mut self.connection);
        while let Some(step) = results.try_next().await? {
            match step.right() {
                None => answers.push(Vec::new()),
                Some(row) => {
                    if let Some(answer) = answers.last_mut() {
                        answer.push(row.try_get_unchecked(0)?);
                    }
                }
            }
        }
        drop(results);
        let mut answers = answers.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        Ok(listed
            .iter()
            .map(|one| {
                let create_user = if one.is_role { None } else { Some(next().pop().unwrap_or_default()) };
                let grants = next();
                let grants = grants.iter().map(String::as_str);
                let mut live = Live::read(one.name.clone(), create_user.as_deref(), grants);
                live.attributes.has_second_password = one.has_second_password;
                live
            })
            .collect())
    }
}

fn questions(Listed { name, is_role, .. }: &Listed) -> String {
    if !is_role {
        let name = name.sql();
        return format!("SHOW CREATE USER {name};SHOW GRANTS FOR {name}");
    }
    // `PUBLIC` is a word and no name.
    let role =
        if name.user.eq_ignore_ascii_case("PUBLIC") { "PUBLIC".to_owned() } else { quoted(&name.user) };
    format!("SHOW GRANTS FOR {role}")
}
