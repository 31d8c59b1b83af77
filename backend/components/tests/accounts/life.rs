//! An account's life: made, locked, let in again, ended; who is in is put out.

use crate::desk::{LIMIT, create, is_turned_away, login, names, on_all, password, privileges, run};
use anyhow::{Result, ensure};
use dbdesk_account::{Level, Reach, statements};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;
use sqlx::Connection as _;

on_all!(an_account_is_locked_let_in_again_and_ended);

async fn an_account_is_locked_let_in_again_and_ended(server: &Server, mut accounts: Accounts) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let names = names("shop_life");
    ensure!(accounts.existing(&names).await?.is_empty());
    run(&mut accounts, &create("shop_life", &secret, &privileges(Level::Ro, Reach::Database), dialect))
        .await?;
    ensure!(accounts.existing(&names).await? == names);
    ensure!(is_turned_away(server, "shop_life", &password(2)).await?, "a wrong password");

    let mut session = login(server, "shop_life", &secret).await?;
    run(&mut accounts, &statements::lock(&names)).await?;
    ensure!(is_turned_away(server, "shop_life", &secret).await?, "it is locked");
    session.ping().await?;
    let [sessions] = &*statements::sessions(&names) else { anyhow::bail!("one user") };
    // One that was turned away may be on its way out.
    ensure!(accounts.end_sessions(sessions).await? >= 1);
    let count = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'shop_life'";
    lab::until("the session to end", LIMIT, || async {
        let left = server.sql(count).await?;
        ensure!(left == "0", "{left} sessions");
        Ok(())
    })
    .await?;
    ensure!(session.ping().await.is_err());
    ensure!(accounts.end_sessions(sessions).await? == 0, "nobody is left");

    run(&mut accounts, &statements::unlock(&names)).await?;
    login(server, "shop_life", &secret).await?.close().await?;
    for _ in 0..2 {
        run(&mut accounts, &statements::drop(&names)).await?;
    }
    ensure!(is_turned_away(server, "shop_life", &secret).await?, "it is gone");
    ensure!(accounts.one(&names[0]).await?.is_none());
    Ok(())
}
