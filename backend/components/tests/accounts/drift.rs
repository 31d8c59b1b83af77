//! Grants and accounts changed by hand are found, told and mended.

use crate::desk::{
    LIMIT, create, drift, expected, is_turned_away, login, names, on_all, password, privileges, run, scramble,
};
use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{
    AccountName, Level, Reach, Step,
    drift::{Expected, repair},
    statements,
};
use dbdesk_components::mysql::accounts::{Accounts, MAX_ACCOUNTS, ReadError};
use lab::Server;

on_all!(what_was_changed_by_hand_is_found_and_mended);

/// `{u}` is the account. What is common to both servers.
const BY_HAND: &[&str] = &[
    "GRANT INSERT ON `shop_a`.`orders` TO {u}",
    "GRANT DROP ON `shopxa`.* TO {u}",
    "GRANT DELETE, TRIGGER ON {d} TO {u}",
    "GRANT EVENT ON {d} TO {u}",
    "GRANT ALL PRIVILEGES ON {d} TO {u}",
    "GRANT SUPER, SELECT, DROP ON *.* TO {u} WITH GRANT OPTION",
    "GRANT SELECT ON `shop_a`.`orders` TO {u} WITH GRANT OPTION",
    "GRANT SELECT ON {d} TO {u} WITH GRANT OPTION",
    "GRANT SELECT (id), UPDATE (n) ON `shop_a`.`orders` TO {u}",
    "GRANT FILE, PROCESS ON *.* TO {u}",
    "GRANT SELECT ON `shop%`.* TO {u}",
    "GRANT SELECT ON `mysql`.* TO {u}",
    "CREATE PROCEDURE shop_a.p() SELECT 1; GRANT EXECUTE ON PROCEDURE shop_a.p TO {u}",
    "REVOKE SELECT ON {d} FROM {u}",
    "REVOKE ALL PRIVILEGES, GRANT OPTION FROM {u}",
    "ALTER USER {u} ACCOUNT LOCK",
    "ALTER USER {u} REQUIRE SSL",
    "ALTER USER {u} REQUIRE X509 WITH MAX_USER_CONNECTIONS 0",
    "ALTER USER {u} IDENTIFIED BY ''",
    "DROP USER {u}",
    "CREATE USER stranger@'10.%' IDENTIFIED BY 'x'; GRANT SELECT ON `shop_a`.* TO stranger@'10.%'",
    "CREATE USER ''@'localhost'",
    "CREATE USER 'it''s `odd`\"\\\\'@'ho_%'",
];
const ON_MARIADB: &[&str] = &[
    "CREATE ROLE reporting; GRANT reporting TO {u}; SET DEFAULT ROLE reporting FOR {u}",
    "GRANT SELECT ON shopxa.* TO PUBLIC",
    "GRANT BINLOG ADMIN ON *.* TO {u}",
    "GRANT ALL PRIVILEGES ON *.* TO {u} WITH GRANT OPTION",
    "ALTER USER {u} IDENTIFIED VIA unix_socket",
    "ALTER USER {u} IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket",
];
const ON_MYSQL: &[&str] = &[
    "GRANT BACKUP_ADMIN, ROLE_ADMIN ON *.* TO {u} WITH GRANT OPTION",
    "ALTER USER {u} IDENTIFIED WITH sha256_password BY 'x'",
    "ALTER USER {u} IDENTIFIED BY 'x' RETAIN CURRENT PASSWORD; {p}",
];
const UNDER_PARTIAL_REVOKES: &[&str] = &["GRANT SELECT ON *.* TO {u}; REVOKE SELECT ON `shopxa`.* FROM {u}"];

async fn what_was_changed_by_hand_is_found_and_mended(server: &Server, mut accounts: Accounts) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let granted = privileges(Level::Ro, Reach::Database);
    run(&mut accounts, &create("shop_drift", &secret, &granted, dialect)).await?;
    let expected = [expected("shop_drift", &granted, dialect)];
    ensure!(drift(&mut accounts, &expected).await?.is_empty());

    let account = expected[0].name.sql();
    let scope = granted.wanted(dialect).into_keys().next().context("a scope")?.sql();
    let more = if dialect.is_mariadb() { ON_MARIADB } else { ON_MYSQL };
    let partial = if dialect.partial_revokes { UNDER_PARTIAL_REVOKES } else { &[] };
    // As somebody does it by hand who has the hash.
    let [again, unlock] = [
        Step::Remake(expected[0].name.clone(), scramble(&secret, dialect), expected[0].limits),
        Step::Unlock(expected[0].name.clone()),
    ]
    .map(|step| step.statement(dialect).sql().to_owned());
    let password_again = format!("{again}; {unlock}");
    let mut told = Vec::new();
    for by_hand in BY_HAND.iter().chain(more).chain(partial) {
        // A database's name is no pattern there.
        let by_hand = by_hand.replace("{u}", &account).replace("{d}", &scope);
        server.sql(&by_hand.replace("{p}", &password_again)).await?;
        let found = drift(&mut accounts, &expected).await?;
        ensure!(!found.is_empty(), "not found: {by_hand}");
        told.push(by_hand.clone());
        told.extend(found.iter().map(|one| format!("    {}", one.said().en)));
        if mend(&mut accounts, &expected).await.with_context(|| by_hand.clone())? {
            // It waits for a password, and a new one is all that it waits for.
            let left = drift(&mut accounts, &expected).await?;
            ensure!(left.iter().all(|one| one.account == expected[0].name), "{by_hand}: {left:?}");
            run(&mut accounts, &create("shop_drift", &secret, &granted, dialect)).await?;
        }
        let found = drift(&mut accounts, &expected).await?;
        ensure!(found.is_empty(), "{by_hand} is not mended: {found:?}");
        login(server, "shop_drift", &secret).await.with_context(|| by_hand.clone())?;
    }
    let stranger = accounts.one(&AccountName::new("stranger", "10.%")).await?.context("it is not dropped")?;
    ensure!(stranger.attributes.is_locked);
    ensure!(accounts.has(&expected[0].name, &scramble(&secret, dialect)).await?);
    server.sql(&format!("ALTER USER {account} IDENTIFIED BY 'by hand'")).await?;
    ensure!(!accounts.has(&expected[0].name, &scramble(&secret, dialect)).await?, "the password is another");
    let flavour = if dialect.is_mariadb() { "mariadb" } else { "mysql" };
    if !dialect.partial_revokes {
        insta::assert_snapshot!(format!("by_hand_on_{flavour}"), told.join("\n"));
    }
    Ok(())
}

/// Mends every account that differs, from a fresh look. Gives whether one waits for a password.
async fn mend(accounts: &mut Accounts, expected: &[Expected]) -> Result<bool> {
    let dialect = accounts.dialect();
    let live = accounts.all(LIMIT).await?;
    let mut differing: Vec<_> =
        drift(accounts, expected).await?.into_iter().map(|drift| drift.account).collect();
    differing.dedup();
    let mut waits = false;
    for name in differing {
        let granted = expected.iter().find(|one| one.name == name);
        let one = live.iter().find(|one| one.name == name);
        let repair = repair(granted, one, dialect);
        waits |= repair.needs_password;
        run(accounts, &repair.steps).await?;
        for sessions in &repair.sessions {
            accounts.end_sessions(sessions).await?;
        }
    }
    Ok(waits)
}

on_all!(what_dbdesk_may_not_take_is_told_with_the_server_s_words);

/// A role of MySQL is taken by who may hand it on, and a proxy likewise: dbdesk may neither. It may not touch an account that has
/// `SYSTEM_USER` either.
async fn what_dbdesk_may_not_take_is_told_with_the_server_s_words(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    let granted = privileges(Level::Ro, Reach::Database);
    run(&mut accounts, &create("shop_proxy", &password(1), &granted, dialect)).await?;
    let expected = [expected("shop_proxy", &granted, dialect)];
    let account = expected[0].name.sql();
    server
        .sql(&format!(
            "CREATE USER other@localhost ACCOUNT LOCK; GRANT PROXY ON other@localhost TO {account}"
        ))
        .await?;
    if !dialect.is_mariadb() {
        server.sql(&format!("CREATE ROLE reporting; GRANT reporting TO {account}")).await?;
    }
    let error = mend(&mut accounts, &expected).await.expect_err("it is refused");
    let words = if dialect.is_mariadb() { "REVOKE PROXY" } else { "REVOKE `reporting`" };
    ensure!(error.to_string().contains(words), "{error}");
    // What it was granted it has all the same.
    login(server, "shop_proxy", &password(1)).await?;
    let found = drift(&mut accounts, &expected).await?;
    ensure!(
        !found.is_empty() && found.iter().all(|one| one.said().en.contains("no ticket granted")),
        "{found:?}"
    );
    if !dialect.is_mariadb() {
        server.sql(&format!("GRANT SYSTEM_USER ON *.* TO {account}")).await?;
        let error = mend(&mut accounts, &expected).await.expect_err("it is refused");
        ensure!(error.to_string().contains("SYSTEM_USER"), "{error}");
    }
    Ok(())
}

on_all!(many_accounts_are_read_in_few_questions);

async fn many_accounts_are_read_in_few_questions(server: &Server, mut accounts: Accounts) -> Result<()> {
    let script: Vec<_> = (0..130)
        .map(|number| format!("CREATE USER many_{number}@'10.0.0.{number}' IDENTIFIED BY 'x'; GRANT SELECT ON `shop_a`.`orders` TO many_{number}@'10.0.0.{number}';"))
        .collect();
    server.sql(&script.concat()).await?;
    let questions = "SHOW GLOBAL STATUS LIKE 'Com_show_grants'";
    let before = server.sql(questions).await?;
    let all = accounts.all(LIMIT).await?;
    ensure!(before != server.sql(questions).await?, "it was asked by SHOW GRANTS");
    let many: Vec<_> = all.iter().filter(|one| one.name.user.starts_with("many_")).collect();
    ensure!(many.len() == 130);
    for one in many {
        ensure!(one.attributes.unknown.is_none() && one.attributes.plugins.len() == 1, "{one:?}");
        ensure!(one.grants.len() == 1 && one.grants[0].to_string() == "SELECT ON shop_a.orders", "{one:?}");
    }
    Ok(())
}

/// Rows of the table that the server does not know yet are as those of accounts that were dropped since.
const ROWS: &str =
    "INSERT INTO mysql.global_priv (Host, User, Priv) SELECT 'localhost', CONCAT('gone_', seq), '{}' FROM ";

#[tokio::test]
async fn an_account_that_goes_away_meanwhile_is_left_out() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let mut accounts = crate::desk::opened(&server, false).await?;
    let before = accounts.all(LIMIT).await?;
    server.sql(&format!("{ROWS}mysql.seq_1_to_70")).await?;
    ensure!(accounts.all(LIMIT).await? == before);
    ensure!(accounts.one(&AccountName::new("gone_7", "localhost")).await?.is_none());
    Ok(())
}

#[tokio::test]
async fn a_server_with_too_many_accounts_is_not_read_in_part() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let mut accounts = crate::desk::opened(&server, false).await?;
    server.sql(&format!("{ROWS}mysql.seq_1_to_{MAX_ACCOUNTS}")).await?;
    ensure!(accounts.all(LIMIT).await == Err(ReadError::TooMany));
    Ok(())
}

#[tokio::test]
async fn a_server_that_hangs_is_not_waited_for() -> Result<()> {
    let mut server = lab::MariaDb::start().await?;
    let mut accounts = crate::desk::opened(&server, false).await?;
    server.freeze()?;
    let late = accounts.all(std::time::Duration::from_millis(50)).await;
    server.thaw()?;
    ensure!(late == Err(ReadError::Late));
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_not_served_any_more_is_refused_at_the_door() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let mut accounts = crate::desk::opened(&server, false).await?;
    let granted = privileges(Level::Ro, Reach::Database);
    let dialect = accounts.dialect();
    run(&mut accounts, &create("shop_gone", &password(1), &granted, dialect)).await?;
    let mut ended = expected("shop_gone", &granted, dialect);
    ended.is_locked = true;
    let ended = [ended];
    ensure!(drift(&mut accounts, &ended).await?.len() == 1, "it should be locked");
    mend(&mut accounts, &ended).await?;
    ensure!(is_turned_away(&server, "shop_gone", &password(1)).await?);
    run(&mut accounts, &statements::drop(&names("shop_gone"))).await
}
