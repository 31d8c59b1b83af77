//! Databases.

use crate::desk::{database, on_all, run};
use anyhow::{Result, ensure};
use dbdesk_account::{
    database::{Charset, Database},
    statements,
};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;

on_all!(a_database_is_made_once_and_one_that_is_there_is_left_alone);

async fn a_database_is_made_once_and_one_that_is_there_is_left_alone(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let asked = |charset, collation| Database {
        name: database("shop_new"),
        charset: Charset::parse(charset, collation).expect("a character set"),
    };
    ensure!(accounts.database(&database("shop_new")).await?.is_none());
    let first = asked("utf8mb4", Some("utf8mb4_bin"));
    for _ in 0..2 {
        run(&mut accounts, &statements::make_database(first.clone())).await?;
    }
    let live = accounts.database(&first.name).await?.expect("it is there");
    ensure!(first.agrees(&live).is_ok());
    let other = asked("latin1", None);
    ensure!(other.agrees(&live).is_err());
    run(&mut accounts, &statements::make_database(other)).await?;
    ensure!(accounts.database(&first.name).await? == Some(live), "it was changed");
    // What the account was not given it can not make.
    let stranger = Database { name: database("shopxnew"), ..first };
    ensure!(run(&mut accounts, &statements::make_database(stranger)).await.is_err());
    ensure!(server.sql("SHOW DATABASES LIKE 'shopxnew'").await?.is_empty());
    Ok(())
}
