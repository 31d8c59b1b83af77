//! No password reaches a server's files; what is made on a primary is on its replicas.

use crate::desk::{
    LIMITS, create, desk_session, drift, expected, hosts, login, names, on_all, opened, password, privileges,
    run, scramble, user,
};
use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{Level, Password, Reach, statements};
use dbdesk_components::mysql::accounts::Accounts;
use lab::{Cluster, Server};
use std::path::Path;

on_all!(no_file_of_a_server_has_a_password);

async fn no_file_of_a_server_has_a_password(server: &Server, mut accounts: Accounts) -> Result<()> {
    let log = server.folder().join("general.log");
    server
        .sql(&format!("SET GLOBAL general_log_file = '{}'; SET GLOBAL general_log = 1; SET GLOBAL long_query_time = 0; SET GLOBAL slow_query_log = 1", log.display()))
        .await?;
    let dialect = accounts.dialect();
    let passwords = [password(1), password(2), password(3)];
    let [first, second, third] = &passwords;
    let privileges = privileges(Level::Ddl, Reach::Database);
    run(&mut accounts, &create("shop_logs", first, &privileges, dialect)).await?;
    login(server, "shop_logs", first).await?;
    if let Some(rotate) = statements::rotate(&names("shop_logs"), &scramble(second, dialect), dialect) {
        run(&mut accounts, &rotate).await?;
        login(server, "shop_logs", second).await?;
    }
    if let Some(end) = statements::end_old(&names("shop_logs"), dialect) {
        run(&mut accounts, &end).await?;
    }
    run(&mut accounts, &create("shop_logs", third, &privileges, dialect)).await?;
    login(server, "shop_logs", third).await?;
    run(&mut accounts, &statements::drop(&names("shop_logs"))).await?;
    server.sql("FLUSH LOGS").await?;

    let general = std::fs::read_to_string(&log)?;
    ensure!(general.contains("CREATE USER") && general.contains("shop_logs"), "the log is on");
    ensure!(server.sql("SHOW BINARY LOGS").await?.lines().count() > 1, "the binary log is on");
    let mut files = 0;
    search(server.folder(), &passwords, &mut files)?;
    ensure!(files > 20, "only {files} files were looked through");
    Ok(())
}

fn search(folder: &Path, passwords: &[Password], files: &mut usize) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, passwords, files)?;
        } else if path.is_file() {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            *files += 1;
            for password in passwords {
                let secret = password.reveal().as_bytes();
                // Their first letters differ, so that the search is quick.
                ensure!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", path.display());
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_made_on_a_primary_is_on_its_replicas() -> Result<()> {
    let cluster = Cluster::start(1).await?;
    let mut accounts = opened(&cluster.primary, false).await?;
    let dialect = accounts.dialect();
    let secret = password(1);
    let wanted = privileges(Level::Ro, Reach::Database);
    let names = statements::accounts(&user("shop_far"), &hosts());
    let steps =
        statements::create(&names, &scramble(&secret, dialect), LIMITS, &wanted.wanted(dialect), dialect);
    run(&mut accounts, &steps).await?;
    cluster.synced().await?;
    let replica = &cluster.replicas[0];
    login(replica, "shop_far", &secret).await?;
    let mut there = desk_session(replica).await?;
    let found = drift(&mut there, &[expected("shop_far", &wanted, dialect)]).await?;
    ensure!(found.is_empty(), "{found:?}");
    Ok(())
}
