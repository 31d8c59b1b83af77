//! A new password while the old one goes on for a while.

use crate::desk::{LIMITS, hosts, is_turned_away, login, on_all, password, privileges, run, scramble, user};
use anyhow::{Result, ensure};
use dbdesk_account::{Level, Reach, statements};
use dbdesk_components::mysql::accounts::{Accounts, Ran};
use lab::Server;

on_all!(both_passwords_are_good_until_the_old_one_ends);

async fn both_passwords_are_good_until_the_old_one_ends(server: &Server, accounts: Accounts) -> Result<()> {
    if accounts.dialect().has_dual_passwords() {
        two_passwords(server, accounts).await
    } else {
        two_accounts(server, accounts).await
    }
}

async fn two_passwords(server: &Server, mut accounts: Accounts) -> Result<()> {
    let dialect = accounts.dialect();
    let (old, new) = (password(1), password(2));
    let names = statements::accounts(&user("shop_turn"), &hosts());
    let wanted = privileges(Level::Rw, Reach::Database).wanted(dialect);
    run(&mut accounts, &statements::create(&names, &scramble(&old, dialect), LIMITS, &wanted, dialect))
        .await?;
    let rotate = statements::written(
        &statements::rotate(&names, &scramble(&new, dialect), dialect).expect("two passwords"),
        dialect,
    );
    // Sent again it would make the new password the old one, too.
    for ran in [Ran::Done, Ran::Before] {
        ensure!(accounts.run(&rotate[0]).await? == ran);
        login(server, "shop_turn", &old).await?;
        login(server, "shop_turn", &new).await?;
    }
    for _ in 0..2 {
        run(&mut accounts, &statements::end_old(&names, dialect).expect("two passwords")).await?;
        ensure!(is_turned_away(server, "shop_turn", &old).await?, "the old one has ended");
        login(server, "shop_turn", &new).await?;
    }
    Ok(())
}

async fn two_accounts(server: &Server, mut accounts: Accounts) -> Result<()> {
    let dialect = accounts.dialect();
    let (old, new) = (password(1), password(2));
    let turns = user("shop_turn").turns().expect("room");
    ensure!(statements::rotate(&[], &scramble(&new, dialect), dialect).is_none());
    let [a, b] = turns.map(|name| statements::accounts(&name, &hosts()));
    let wanted = privileges(Level::Rw, Reach::Database).wanted(dialect);
    run(&mut accounts, &statements::create(&a, &scramble(&old, dialect), LIMITS, &wanted, dialect)).await?;
    run(&mut accounts, &statements::create(&b, &scramble(&new, dialect), LIMITS, &wanted, dialect)).await?;
    login(server, "shop_turn_a", &old).await?;
    login(server, "shop_turn_b", &new).await?;
    run(&mut accounts, &statements::lock(&a)).await?;
    ensure!(is_turned_away(server, "shop_turn_a", &old).await?, "the old one has ended");
    login(server, "shop_turn_b", &new).await?;
    run(&mut accounts, &statements::drop(&a)).await?;
    // The next rotation makes it anew.
    let next = password(3);
    run(&mut accounts, &statements::create(&a, &scramble(&next, dialect), LIMITS, &wanted, dialect)).await?;
    login(server, "shop_turn_a", &next).await?;
    Ok(())
}
