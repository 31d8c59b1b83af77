//! `doctor` on real parts: first nothing is right, then everything is mended one by one.

use anyhow::Result;
use dbdesk::{
    config::{Config, Person, Secret},
    doctor::{self, Check, Level},
};
use dbdesk_commands::{clock::Clock, lang::Lang, wire::person::Role};
use lab::{MariaDb, Redis};

fn config(store: &MariaDb, redis: &Redis) -> Config {
    let mut config = Config::default();
    config.store.port = store.port();
    config.store.user = "desk".into();
    config.store.password = Secret::new("desk-of-the-lab");
    config.redis.port = redis.port();
    config.redis.password = Secret::new(redis.password());
    config.target.review_user = "reader".into();
    config.target.review_password = Secret::new("reader-of-the-lab");
    config.target.run_user = "runner".into();
    config.target.run_password = Secret::new("runner-of-the-lab");
    config
}

/// The machine's, and so many seconds.
#[expect(clippy::disallowed_methods, reason = "the database has the real clock")]
fn clock(ahead_s: i64) -> Clock {
    Clock::new(move || chrono::Utc::now() + chrono::TimeDelta::seconds(ahead_s))
}

fn of<'a>(checks: &'a [Check], part: &str) -> Vec<&'a Check> {
    checks.iter().filter(|check| check.part.starts_with(part)).collect()
}

#[tokio::test]
async fn doctor_says_what_fails_and_how_to_mend_it_until_nothing_does() -> Result<()> {
    let (store, target, redis) = tokio::try_join!(MariaDb::start(), MariaDb::start(), Redis::start())?;
    let mut config = config(&store, &redis);

    let checks = doctor::examine(&config, &clock(0)).await;
    assert_eq!(doctor::worst(&checks), Level::Failed);
    assert_eq!(of(&checks, "store").len(), 1, "{checks:?}");
    assert!(of(&checks, "store")[0].found.en.contains("refused"), "{checks:?}");
    assert!(of(&checks, "people")[0].found.en.contains("names nobody"), "{checks:?}");
    assert!(checks.iter().all(|check| check.level == Level::Ok || check.mend.is_some()), "{checks:?}");

    store
        .sql("CREATE DATABASE dbdesk; CREATE USER desk@'127.0.0.1' IDENTIFIED BY 'desk-of-the-lab'; GRANT ALL ON dbdesk.* TO desk@'127.0.0.1'")
        .await?;
    let checks = doctor::examine(&config, &clock(0)).await;
    let text = doctor::text(&checks, Lang::En);
    assert!(text.contains("it has no tables yet\n      → run `dbdesk migrate`"), "{text}");

    let pool = dbdesk_store::pool(&config.store.connect());
    dbdesk_store::migrate::run(&pool).await?;
    let inventory = format!(
        "[[group]]\nname = 'shop'\nenvironment = 'staging'\nflavour = 'mariadb-10.11'\ntime_zone = 'UTC'\n\
         databases = ['shop']\n[[group.instance]]\nhost = '127.0.0.1'\nport = {}\nrole = 'primary'\n",
        target.port()
    );
    let mut tx = dbdesk_store::begin(&pool).await?;
    let inventory = dbdesk_cmdb::inventory::read(&inventory).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    for group in inventory.groups {
        let first = dbdesk_store::group_history::Change::first("a test");
        dbdesk_store::service_group::put(&mut tx, &group, &first, chrono::DateTime::UNIX_EPOCH).await?;
    }
    tx.commit().await?;
    target
        .sql(
            "CREATE DATABASE shop; CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader-of-the-lab'; \
             CREATE USER runner@'127.0.0.1' IDENTIFIED BY 'runner-of-the-lab'; GRANT SELECT ON shop.* TO reader@'127.0.0.1'; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO runner@'127.0.0.1'",
        )
        .await?;
    let text = doctor::text(&doctor::examine(&config, &clock(0)).await, Lang::En);
    assert!(text.contains("runner lacks CREATE, ALTER, DROP, INDEX on shop"), "{text}");

    target.sql("GRANT CREATE, ALTER, INDEX, DROP ON shop.* TO runner@'127.0.0.1'").await?;
    let text = doctor::text(&doctor::examine(&config, &clock(0)).await, Lang::En);
    assert!(text.contains("backup: no row is kept"), "{text}");
    config.backup.secret_key = Secret::new("5a".repeat(32));
    let text = doctor::text(&doctor::examine(&config, &clock(0)).await, Lang::En);
    assert!(text.contains("backup: rows are kept for 30 days"), "{text}");
    assert!(text.contains("runner lacks TRIGGER on shop"), "{text}");
    assert!(text.contains("runner lacks CREATE, ALTER, INSERT, DROP on dbdesk_set_aside"), "{text}");
    assert!(text.contains("runner may not see how far replicas are behind"), "{text}");
    assert!(text.contains("runner may not read the binary log"), "{text}");
    target
        .sql(
            "GRANT TRIGGER ON shop.* TO runner@'127.0.0.1'; GRANT CREATE, ALTER, INSERT, DROP ON dbdesk_set_aside.* TO runner@'127.0.0.1'; \
             GRANT SLAVE MONITOR, REPLICATION SLAVE, BINLOG MONITOR ON *.* TO runner@'127.0.0.1'",
        )
        .await?;
    for (name, discord_id) in [("bob", "300000000000000001"), ("mei", "300000000000000002")] {
        let discord_id = Some(discord_id.to_owned());
        config.person.push(Person { name: name.into(), discord_id, roles: vec![Role::Dba], team: None });
    }
    let checks = doctor::examine(&config, &clock(0)).await;
    assert_ne!(doctor::worst(&checks), Level::Failed, "{}", doctor::text(&checks, Lang::En));
    assert_eq!(of(&checks, "shop")[0].level, Level::Ok, "{checks:?}");
    for (ahead_s, told) in [(-60, "60 s behind"), (60, "60 s ahead")] {
        let wrong = doctor::examine(&config, &clock(ahead_s)).await;
        let text = doctor::text(&wrong, Lang::En);
        assert!(text.contains(&format!("this machine's clock is {told}")), "{text}");
        assert_ne!(doctor::worst(&wrong), Level::Failed, "{text}");
    }
    let all = serde_json::to_string(&checks)? + &doctor::text(&checks, Lang::Zh);
    assert!(!all.contains(&"5a".repeat(32)), "the key is shown: {all}");
    assert!(!all.contains("of-the-lab"), "a password is shown: {all}");
    Ok(())
}

#[tokio::test]
async fn doctor_says_who_is_linked_otherwise_than_configured_and_which_emergencies_nobody_reviewed()
-> Result<()> {
    let (store, redis) = tokio::try_join!(MariaDb::start(), Redis::start())?;
    let mut config = config(&store, &redis);
    config.store.user = lab::Server::USER.into();
    config.store.password = Secret::new(store.password());
    store.sql("CREATE DATABASE dbdesk").await?;
    let pool = dbdesk_store::pool(&config.store.connect());
    dbdesk_store::migrate::run(&pool).await?;
    for (id, name) in [("1", "bob"), ("2", "mei")] {
        let discord_id = Some(id.to_owned());
        config.person.push(Person { name: name.into(), discord_id, roles: vec![Role::Dba], team: None });
    }
    store
        .sql(
            "USE dbdesk; INSERT INTO person (name, discord_id, created_at) VALUES ('bob', '1', NOW()), ('mei', '3', NOW()), \
             ('sam', NULL, NOW()); INSERT INTO person_role SELECT id, IF(name = 'sam', 'admin', 'dba') FROM person; \
             INSERT INTO emergency (service_group_id, person_id, reason, from_at, until_at, reviewed_at) VALUES \
             (1, 1, 'old', NOW() - INTERVAL 9 DAY, NOW() - INTERVAL 8 DAY, NULL), \
             (1, 1, 'seen', NOW() - INTERVAL 9 DAY, NOW() - INTERVAL 8 DAY, NOW()), \
             (1, 1, 'new', NOW() - INTERVAL 2 DAY, NOW() - INTERVAL 1 DAY, NULL)",
        )
        .await?;
    let text = |checks: &[Check]| -> String {
        let people = of(checks, "people").into_iter().cloned().collect::<Vec<_>>();
        doctor::text(&people, Lang::En) + &doctor::text(&people, Lang::Zh)
    };
    insta::assert_snapshot!(text(&doctor::examine(&config, &clock(0)).await));
    store
        .sql(
            "USE dbdesk; UPDATE person SET discord_id = '2' WHERE name = 'mei'; UPDATE person SET discord_id = '9' WHERE name = 'sam'; \
             UPDATE emergency SET reviewed_at = NOW()",
        )
        .await?;
    let mended = doctor::examine(&config, &clock(0)).await;
    let people = of(&mended, "people");
    assert!(people.iter().all(|check| check.level == Level::Ok), "{people:?}");
    Ok(())
}
