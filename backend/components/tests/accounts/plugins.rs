//! Hashes that are worked out here are those that servers check with.

use crate::desk::{LIMITS, desk_session, login, names, opened, password, privileges, run};
use anyhow::{Result, bail, ensure};
use dbdesk_account::{Level, Password, Plugin, Reach, Scramble, given, statements};
use lab::{MariaDb, MySql, Server};
use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _, process::Stdio};

#[tokio::test]
async fn a_mysql_takes_caching_sha2_password_with_any_salt() -> Result<()> {
    let server = MySql::start().await?;
    let mut accounts = opened(&server, false).await?;
    let dialect = accounts.dialect();
    ensure!(Plugin::best(accounts.dialect(), []) == Plugin::CachingSha2);
    for number in 0..24 {
        let secret = password(number);
        let salt = std::array::from_fn(|at| number.wrapping_mul(53).wrapping_add(at as u8 * 11));
        let scramble = Scramble::of(&secret, Plugin::CachingSha2, &salt);
        let name = format!("shop_{number}");
        let wanted = privileges(Level::Ro, Reach::Database).wanted(dialect);
        let steps = statements::create(&names(&name), &scramble, LIMITS, &wanted, dialect);
        run(&mut accounts, &steps).await?;
        login(&server, &name, &secret).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_hash_that_a_mysql_shows_can_be_given() -> Result<()> {
    let server = MySql::start().await?;
    let mut accounts = opened(&server, false).await?;
    let dialect = accounts.dialect();
    let secret = password(9);
    server.sql(&format!("CREATE USER other IDENTIFIED BY '{}'", secret.reveal())).await?;
    let shown = server
        .sql("SELECT CONCAT('0x', HEX(authentication_string)) FROM mysql.user WHERE User = 'other'")
        .await?;
    let given = given::parse(&shown, accounts.dialect()).expect("a hash");
    let wanted = privileges(Level::Ro, Reach::Database).wanted(dialect);
    let steps = statements::create(&names("shop_given"), &given, LIMITS, &wanted, dialect);
    run(&mut accounts, &steps).await?;
    login(&server, "shop_given", &secret).await?;
    Ok(())
}

#[tokio::test]
async fn a_mariadb_takes_ed25519_where_it_is_installed_and_its_native_password_everywhere() -> Result<()> {
    let server = MariaDb::start().await?;
    let accounts = opened(&server, false).await?;
    let plugins = accounts.plugins().iter().map(String::as_str);
    ensure!(Plugin::best(accounts.dialect(), plugins) == Plugin::Native);
    server.sql("INSTALL SONAME 'auth_ed25519'").await?;
    let mut accounts = desk_session(&server).await?;
    let dialect = accounts.dialect();
    let plugins = accounts.plugins().iter().map(String::as_str);
    ensure!(Plugin::best(accounts.dialect(), plugins) == Plugin::Ed25519);
    let wanted = privileges(Level::Ro, Reach::Database).wanted(dialect);
    for (number, plugin) in [(1, Plugin::Native), (2, Plugin::Ed25519), (3, Plugin::Ed25519)] {
        let secret = password(number);
        let scramble = Scramble::of(&secret, plugin, &[0; 20]);
        let name = format!("shop_{number}");
        let steps = statements::create(&names(&name), &scramble, LIMITS, &wanted, dialect);
        run(&mut accounts, &steps).await?;
        ensure!(client_says(&server, &name, &secret).await? == format!("{name}@127.0.0.0/255.255.255.240"));
        ensure!(client_says(&server, &name, &password(8)).await.is_err(), "a wrong password");
    }
    Ok(())
}

/// Logs in with the server's own client, which knows its own plugins; the password is in a file.
async fn client_says(server: &Server, user: &str, password: &Password) -> Result<String> {
    let file = server.folder().join(format!("{user}.cnf"));
    let mut written =
        std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&file)?;
    write!(written, "[client]\npassword={}\n", password.reveal())?;
    let out = tokio::process::Command::new("mariadb")
        .arg(format!("--defaults-file={}", file.display()))
        .args(["--protocol=tcp", "--host=127.0.0.1", "--batch", "--skip-column-names"])
        .arg(format!("--port={}", server.port()))
        .arg(format!("--user={user}"))
        .args(["--execute", "SELECT CURRENT_USER()"])
        .stdin(Stdio::null())
        .output()
        .await?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(String::from_utf8(out.stdout)?.trim().to_owned())
}
