//! What dbdesk's own account has, and why it must.

use crate::desk::{DESK, LIMIT, create, desk_session, login, names, on_all, password, privileges, run};
use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{AccountName, Level, Privilege, Reach, statements};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;

on_all!(nothing_of_what_dbdesk_s_account_has_could_be_left_out);

async fn nothing_of_what_dbdesk_s_account_has_could_be_left_out(
    server: &Server,
    accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    accounts.close().await;
    let desk = AccountName::new(DESK, "127.0.0.1").sql();
    let granted = privileges(Level::Ddl, Reach::Database);
    let scope = granted.wanted(dialect).into_keys().next().expect("a scope").sql();
    let connection = if dialect.is_mariadb() { "CONNECTION ADMIN" } else { "CONNECTION_ADMIN" };
    let mut parts: Vec<_> = ["CREATE USER", "PROCESS", connection].map(|part| (part, "*.*")).to_vec();
    parts.push(("SELECT", "`mysql`.*"));
    parts.extend(Privilege::ALL.map(|privilege| (privilege.word(), &*scope)));
    ensure!(all_works(server).await.is_ok(), "with all of it");
    for (part, on) in parts {
        server.sql(&format!("REVOKE {part} ON {on} FROM {desk}")).await?;
        ensure!(all_works(server).await.is_err(), "{part} on {on} is not needed");
        server.sql(&format!("GRANT {part} ON {on} TO {desk}")).await?;
        all_works(server).await.with_context(|| format!("with {part} on {on} again"))?;
    }
    server.sql(&format!("REVOKE GRANT OPTION ON {scope} FROM {desk}")).await?;
    ensure!(all_works(server).await.is_err(), "GRANT OPTION is not needed");
    Ok(())
}

/// All that dbdesk does with it, on a new session: privileges are read when one begins.
async fn all_works(server: &Server) -> Result<()> {
    let mut accounts = desk_session(server).await?;
    let dialect = accounts.dialect();
    let names = names("shop_least");
    let secret = password(1);
    run(&mut accounts, &create("shop_least", &secret, &privileges(Level::Ddl, Reach::Database), dialect))
        .await?;
    let _session = login(server, "shop_least", &secret).await?;
    ensure!(!accounts.all(LIMIT).await?.is_empty());
    run(&mut accounts, &statements::lock(&names)).await?;
    let ended = accounts.end_sessions(&statements::sessions(&names)[0]).await?;
    ensure!(ended > 0, "nobody was seen");
    run(&mut accounts, &statements::drop(&names)).await
}
