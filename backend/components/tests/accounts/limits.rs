//! How an account may connect.

use crate::desk::{
    LIMIT, hosts, login, names, number, on_all, password, privileges, run, scramble, to, user,
};
use anyhow::{Result, ensure};
use dbdesk_account::{Level, Reach, statement::Limits, statements};
use dbdesk_components::mysql::accounts::Accounts;
use lab::Server;
use sqlx::{ConnectOptions as _, mysql::MySqlSslMode};

on_all!(an_account_connects_as_often_and_as_safely_as_it_may);

async fn an_account_connects_as_often_and_as_safely_as_it_may(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let wanted = privileges(Level::Ro, Reach::Database).wanted(dialect);
    let create = |name: &str, limits| {
        statements::create(&names(name), &scramble(&secret, dialect), limits, &wanted, dialect)
    };
    run(&mut accounts, &create("shop_few", Limits { tls: false, connections: 1 })).await?;
    let first = login(server, "shop_few", &secret).await?;
    let second = login(server, "shop_few", &secret).await.expect_err("one too many");
    ensure!(number(&second) == Some(1226), "{second}");
    drop(first);

    run(&mut accounts, &create("shop_safe", Limits { tls: true, connections: 0 })).await?;
    if !dialect.is_mariadb() {
        // The lab's MariaDB has no certificate. After this MySQL knows the password well enough to check it without one.
        login(server, "shop_safe", &secret).await?;
    }
    let plain = to(server, "shop_safe", secret.reveal()).ssl_mode(MySqlSslMode::Disabled);
    let refused = plain.connect().await.expect_err("it is not encrypted");
    ensure!(number(&refused) == Some(1045), "{refused}");
    Ok(())
}

on_all!(an_account_is_let_in_from_its_hosts_only);

async fn an_account_is_let_in_from_its_hosts_only(server: &Server, mut accounts: Accounts) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let wanted = privileges(Level::Ro, Reach::Database).wanted(dialect);
    // The next network of 16 addresses, and none of ours.
    let next = dbdesk_account::HostPattern::read("127.0.0.16/28").expect("a network");
    let far = statements::accounts(&user("shop_far"), std::slice::from_ref(&next));
    run(
        &mut accounts,
        &statements::create(&far, &scramble(&secret, dialect), Limits::default(), &wanted, dialect),
    )
    .await?;
    ensure!(login(server, "shop_far", &secret).await.is_err());
    let both: Vec<_> = hosts().into_iter().chain([next]).collect();
    let both = statements::accounts(&user("shop_far"), &both);
    run(
        &mut accounts,
        &statements::create(&both, &scramble(&secret, dialect), Limits::default(), &wanted, dialect),
    )
    .await?;
    login(server, "shop_far", &secret).await?;
    Ok(())
}

on_all!(statements_mean_the_same_under_every_sql_mode);

async fn statements_mean_the_same_under_every_sql_mode(
    server: &Server,
    mut accounts: Accounts,
) -> Result<()> {
    let dialect = accounts.dialect();
    let secret = password(1);
    let granted = privileges(Level::Rw, Reach::parse("orders").expect("a table"));
    let steps = statements::create(
        &names("shop_mode"),
        &scramble(&secret, dialect),
        Limits::default(),
        &granted.wanted(dialect),
        dialect,
    );
    let odd = r#"o'd"d`\u"#;
    let odd_account = dbdesk_account::AccountName::new(odd, "localhost");
    server.sql(&format!("CREATE USER {}", odd_account.sql())).await?;
    let lock = statements::lock(&[odd_account]);
    for mode in ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES", ""] {
        let script: Vec<_> = statements::written(&[&*lock, &*steps].concat(), dialect)
            .iter()
            .map(|statement| statement.sql().to_owned())
            .collect();
        server.sql(&format!("SET sql_mode = '{mode}'; {}", script.join(";"))).await?;
        login(server, "shop_mode", &secret).await?;
        let live = accounts.all(LIMIT).await?;
        let locked = live.iter().find(|one| one.name.user == odd).expect("it is there");
        ensure!(locked.attributes.is_locked, "{mode}");
        server.sql(&format!("ALTER USER {} ACCOUNT UNLOCK", locked.name.sql())).await?;
        run(&mut accounts, &statements::drop(&names("shop_mode"))).await?;
    }
    Ok(())
}
