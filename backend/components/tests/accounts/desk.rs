//! What the stories share.

use anyhow::{Context as _, Result, bail};
use dbdesk_account::{
    AccountName, DatabaseName, Dialect, HostPattern, Level, Password, Plugin, Privileges, Reach, Scramble,
    Step, UserName, desk,
    drift::{Drift, Expected, Ignored, differences},
    statement::Limits,
    statements,
};
use dbdesk_components::mysql::accounts::Accounts;
use dbdesk_review::Flavour;
use lab::Server;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Executor as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError},
};
use std::time::Duration;

pub const LIMIT: Duration = Duration::from_secs(20);
pub const LIMITS: Limits = Limits { tls: false, connections: 7 };
pub const DESK: &str = "dbdesk_account";
const DESK_PASSWORD: &str = "Desk-1-of-a-test";
const TABLES: &str = "CREATE DATABASE shop_a; CREATE DATABASE shopxa;\n\
     CREATE TABLE shop_a.orders (id int PRIMARY KEY, n int); CREATE TABLE shop_a.items (id int PRIMARY KEY, n int);\n\
     CREATE TABLE shopxa.orders (id int PRIMARY KEY, n int);\n\
     CREATE VIEW shop_a.seen AS SELECT id FROM shop_a.orders;";

/// Two databases, and a session of dbdesk's own account, which may no more than [`desk::grants`] says.
pub async fn opened(server: &Server, partial_revokes: bool) -> Result<Accounts> {
    let version = server.sql("SELECT VERSION()").await?;
    let mut dialect = Dialect::of(Flavour::of_version(&version).context("a version")?);
    dialect.partial_revokes = partial_revokes;
    if partial_revokes {
        server.sql("SET GLOBAL partial_revokes = ON").await?;
    }
    // Triggers need more than TRIGGER where the binary log is on.
    server.sql("SET GLOBAL log_bin_trust_function_creators = 1").await?;
    server.sql(TABLES).await?;
    let account = AccountName::new(DESK, "127.0.0.1");
    let databases = ["shop_a", "shop_new"].map(|name| desk::Named::One(database(name)));
    let grants = desk::grants(&account, &databases, dialect).join(";");
    server.sql(&format!("CREATE USER {} IDENTIFIED BY '{DESK_PASSWORD}'; {grants}", account.sql())).await?;
    let accounts = desk_session(server).await?;
    anyhow::ensure!(accounts.dialect() == dialect, "{:?}", accounts.dialect());
    Ok(accounts)
}

/// A session of dbdesk's own account.
pub async fn desk_session(server: &Server) -> Result<Accounts> {
    Ok(Accounts::open(&to(server, DESK, DESK_PASSWORD), LIMIT).await?)
}

pub fn to(server: &Server, user: &str, password: &str) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port())
        .username(user)
        .password(password)
        .disable_statement_logging()
}

/// Logs in as an application does.
pub async fn login(server: &Server, user: &str, password: &Password) -> Result<MySqlConnection, sqlx::Error> {
    to(server, user, password.reveal()).connect().await
}

/// The server's number where it said no; `None` where it did it.
pub async fn refused(connection: &mut MySqlConnection, sql: &str) -> Result<Option<u16>> {
    match connection.execute(AssertSqlSafe(sql.to_owned())).await {
        Ok(_) => Ok(None),
        Err(error) => Ok(Some(number(&error).with_context(|| format!("{sql}: {error}"))?)),
    }
}

pub fn number(error: &sqlx::Error) -> Option<u16> {
    Some(error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?.number())
}

/// Whether the server turns a login away.
pub async fn is_turned_away(server: &Server, user: &str, password: &Password) -> Result<bool> {
    match login(server, user, password).await {
        Ok(_) => Ok(false),
        // Denied; locked, on MySQL and on MariaDB.
        Err(error) if matches!(number(&error), Some(1045 | 3118 | 4151)) => Ok(true),
        Err(error) => bail!("{error}"),
    }
}

pub fn database(name: &str) -> DatabaseName {
    DatabaseName::parse(name).expect("a database's name")
}

pub fn user(name: &str) -> UserName {
    UserName::parse(name).expect("a user name")
}

/// The same password and salt for the same number: these are tests.
pub fn password(number: u8) -> Password {
    Password::generate(&std::array::from_fn(|at| number.wrapping_mul(31).wrapping_add(at as u8 * 7)))
}

pub fn scramble(password: &Password, dialect: Dialect) -> Scramble {
    Scramble::of(password, Plugin::best(dialect, []), &std::array::from_fn(|at| at as u8 * 13))
}

/// From this machine, as a network whose mask ends within a byte.
pub fn hosts() -> Vec<HostPattern> {
    vec![HostPattern::read("127.0.0.0/28").expect("a network")]
}

pub fn privileges(level: Level, reach: Reach) -> Privileges {
    Privileges { database: database("shop_a"), level, reach }
}

pub fn names(of: &str) -> Vec<AccountName> {
    statements::accounts(&user(of), &hosts())
}

/// As a ticket granted it.
pub fn expected(of: &str, privileges: &Privileges, dialect: Dialect) -> Expected {
    Expected {
        name: names(of).remove(0),
        plugin: Plugin::best(dialect, []),
        limits: LIMITS,
        is_locked: false,
        is_rotating: false,
        privileges: vec![privileges.clone()],
    }
}

pub fn create(of: &str, password: &Password, privileges: &Privileges, dialect: Dialect) -> Vec<Step> {
    statements::create(&names(of), &scramble(password, dialect), LIMITS, &privileges.wanted(dialect), dialect)
}

/// Runs steps; every one must be done.
pub async fn run(accounts: &mut Accounts, steps: &[Step]) -> Result<()> {
    for statement in statements::written(steps, accounts.dialect()) {
        let ran = accounts.run(&statement).await;
        ran.map_err(|error| anyhow::anyhow!("{}: {error}", statement.shown()))?;
    }
    Ok(())
}

/// The differences; the lab's own accounts are none.
pub async fn drift(accounts: &mut Accounts, expected: &[Expected]) -> Result<Vec<Drift>> {
    let live = accounts.all(LIMIT).await?;
    let ignored = Ignored::with(&["dbdesk@%".to_owned(), "repl@%".to_owned()]);
    Ok(differences(expected, &live, &ignored, accounts.dialect()))
}

/// A story on both servers, and on a MySQL whose grants on databases are names.
macro_rules! on_all {
    ($story:ident) => {
        mod $story {
            #[tokio::test]
            async fn on_mariadb() -> anyhow::Result<()> {
                let server = lab::MariaDb::start().await?;
                super::$story(&server, crate::desk::opened(&server, false).await?).await
            }
            #[tokio::test]
            async fn on_mysql() -> anyhow::Result<()> {
                let server = lab::MySql::start().await?;
                super::$story(&server, crate::desk::opened(&server, false).await?).await
            }
            #[tokio::test]
            async fn on_mysql_with_partial_revokes() -> anyhow::Result<()> {
                let server = lab::MySql::start().await?;
                super::$story(&server, crate::desk::opened(&server, true).await?).await
            }
        }
    };
}
pub(crate) use on_all;
