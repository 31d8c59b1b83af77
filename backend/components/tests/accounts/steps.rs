//! Every list of steps broken off anywhere, and done again from its start.

use crate::desk::{create, drift, expected, login, names, on_all, password, privileges, run};
use anyhow::{Context as _, Result, ensure};
use dbdesk_account::{Level, Privileges, Reach, Step, statements};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;

on_all!(a_list_that_broke_off_anywhere_is_done_again_to_the_same_end);

async fn a_list_that_broke_off_anywhere_is_done_again_to_the_same_end(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let some = || Reach::parse("orders, items").expect("tables");
    let turns = [
        privileges(Level::Rw, some()),
        privileges(Level::Ddl, Reach::Database),
        privileges(Level::Ro, Reach::Database),
        privileges(Level::Ro, some()),
    ];
    let steps = create("shop_steps", &secret, &turns[0], dialect);
    for broken in 0..=steps.len() {
        run(&mut accounts, &statements::drop(&names("shop_steps"))).await?;
        broken_off(&mut accounts, &steps, broken).await?;
        ends_as(&mut accounts, &turns[0]).await.with_context(|| format!("create, broken off at {broken}"))?;
        login(server, "shop_steps", &secret).await?;
    }
    for two in turns.windows(2) {
        let [before, after] = two else { continue };
        let mut broken = 0;
        loop {
            changed(&mut accounts, before, usize::MAX).await?;
            let length = changed(&mut accounts, after, broken).await?;
            changed(&mut accounts, after, usize::MAX).await?;
            ends_as(&mut accounts, after).await.with_context(|| format!("change, broken off at {broken}"))?;
            login(server, "shop_steps", &secret).await?;
            if broken >= length {
                break;
            }
            broken += 1;
        }
    }
    Ok(())
}

/// The first steps, then all of them twice.
async fn broken_off(accounts: &mut Accounts, steps: &[Step], broken: usize) -> Result<()> {
    run(accounts, &steps[..broken]).await?;
    run(accounts, steps).await?;
    run(accounts, steps).await
}

/// The first steps of a change, twice as they were; gives how many there are.
async fn changed(accounts: &mut Accounts, to: &Privileges, first: usize) -> Result<usize> {
    let live = accounts.one(&names("shop_steps")[0]).await?.context("it is there")?;
    let steps = statements::change(&live, &to.wanted(accounts.dialect()), accounts.dialect());
    let some = &steps[..first.min(steps.len())];
    run(accounts, some).await?;
    run(accounts, some).await?;
    Ok(steps.len())
}

async fn ends_as(accounts: &mut Accounts, privileges: &Privileges) -> Result<()> {
    let expected = expected("shop_steps", privileges, accounts.dialect());
    let found = drift(accounts, &[expected]).await?;
    ensure!(found.is_empty(), "{found:?}");
    Ok(())
}
