//! The store keeps its promises on real servers, MariaDB and MySQL alike.

#[path = "store/audit.rs"]
mod audit;
#[path = "store/lanes.rs"]
mod lanes;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use dbdesk_cmdb::{FailoverPolicy, Instance, ServiceGroup, ShardedTable, Shards};
use dbdesk_commands::{
    clock::Time,
    id::PersonId,
    lang::Lang,
    when::When,
    wire::{
        card::CardPlace,
        entry::Event,
        group::InstanceRole,
        person::{Actor, Role},
        task::{Priority, TaskKind},
        ticket::{Risk, TicketState},
    },
};
use dbdesk_store::{
    Connect, Error, Pool, Tx, begin, entry,
    group_history::Change,
    idempotency, migrate, person, pool,
    revision::{self, Effect, Revision},
    service_group::{self, Put},
    sharded_table, task,
    ticket::{self, NewTicket, TicketChange, TicketRow},
};
use dbdesk_ticket::task::Wish;

fn at() -> Time {
    DateTime::parse_from_rfc3339("2026-11-22T18:00:00.123Z")
        .map(|at| at.with_timezone(&Utc))
        .unwrap_or_default()
}

async fn connected(server: &lab::Server) -> Result<Pool> {
    server.sql("CREATE DATABASE IF NOT EXISTS desk").await?;
    let pool = pool(&Connect {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        user: lab::Server::USER.to_owned(),
        password: server.password().to_owned(),
        database: "desk".to_owned(),
        max_connections: 5,
        acquire_timeout_ms: 3_000,
        statement_timeout_ms: 5_000,
        asks_idle: true,
    });
    Ok(pool)
}

fn shop() -> ServiceGroup {
    ServiceGroup {
        name: "shop".to_owned(),
        environment: "production".to_owned(),
        team: None,
        dbas: None,
        flavour: "mariadb-10.11".to_owned(),
        time_zone: chrono_tz::Asia::Shanghai,
        databases: vec!["shop".to_owned(), "audit".to_owned()],
        instances: vec![Instance::new("127.0.0.1", 3306, InstanceRole::Primary)],
        package: None,
        stage: dbdesk_cmdb::GroupStage::InService,
        failover: FailoverPolicy::Observe,
        semi_sync: None,
        proxies: Vec::new(),
        vips: Vec::new(),
        names: Vec::new(),
        backup: None,
        labels: Vec::new(),
        quiet_windows: Vec::new(),
        peaks: Vec::new(),
    }
}

/// A person, a group, and a ticket of theirs with one entry.
async fn filed(pool: &Pool) -> Result<TicketRow> {
    let mut tx = begin(pool).await?;
    let ann = person::Seed {
        name: "ann".to_owned(),
        discord_id: Some("111".to_owned()),
        team: None,
        roles: vec![Role::Developer],
    };
    person::put(&mut tx, &ann, at()).await?;
    service_group::put(&mut tx, &shop(), &Change::first("a test"), at()).await?;
    tx.commit().await?;
    let ann = person::by_name(pool, "ann").await?.context("ann")?;
    let group = service_group::by_name(pool, "shop").await?.context("shop")?;
    ensure!(group.group == shop(), "{group:?}");
    let change = TicketChange {
        state: TicketState::AwaitingApproval,
        revision: 1,
        when: When::Now,
        due_at: None,
        risk: Risk::Medium,
        decided_by: None,
        approved_by_policy: false,
        decision_reason: None,
        approved_hash: None,
        approval_expires_at: None,
        task: None,
    };
    let new = NewTicket {
        group: group.id,
        database: "shop".to_owned(),
        requester: ann.id,
        team: None,
        account: None,
        reason: "为了 🐢".to_owned(),
        lang: Lang::Zh,
        schedule: None,
        takes_back: None,
        goes_on: false,
        change,
        at: at(),
    };
    let mut tx = begin(pool).await?;
    let row = ticket::insert(&mut tx, &new).await?;
    let first = Revision {
        ticket: row.id,
        revision: 1,
        sql: "DELETE 1".into(),
        sql_hash: "0".repeat(64),
        statements: 1,
        takes_back: false,
        without_undo: vec![1],
        online: vec![0],
        in_chunks: vec![1],
        spread: None,
        request: None,
        review: "{}".into(),
        effect: Effect {
            kind: TaskKind::Dml,
            touches: Some(["shop.a".into()].into()),
            repeatable: true,
            script: None,
        },
        created_by: ann.id,
        created_at: at(),
    };
    revision::insert(&mut tx, &first).await?;
    let by = Actor::Person(ann.view());
    let event = Event::Filed { by: by.clone(), statements: 1, bytes: 9 };
    entry::append(&mut tx, &row, None, &by, at(), &event, Some((row.now.state, row.now.state))).await?;
    tx.commit().await?;
    ticket::get(pool, row.id).await?.context("the ticket")
}

async fn approve(tx: &mut Tx, seen: &TicketRow) -> Result<TicketRow, Error> {
    let due_at = at();
    let new = task::NewTask {
        ticket: seen.id,
        revision: 1,
        due_at,
        total: 1,
        at: at(),
        is_offered: false,
        retry: None,
    };
    let task = task::insert(tx, &new).await?;
    let change = TicketChange {
        state: TicketState::Scheduled,
        due_at: Some(due_at),
        task: Some(task),
        ..seen.now.clone()
    };
    let row = ticket::move_to(tx, seen, change, at()).await?;
    let event = Event::Approved {
        by: Actor::Policy,
        due_at,
        waits_for_quiet: false,
        stood_in_for: None,
        emergency: None,
    };
    let moved = Some((seen.now.state, row.now.state));
    entry::append(tx, &row, Some(task), &Actor::Policy, at(), &event, moved).await?;
    Ok(row)
}

/// All that a ticket's life asks of the store.
async fn a_life(server: &lab::Server) -> Result<()> {
    let pool = connected(server).await?;
    ensure!(migrate::fit(&pool).await? == migrate::Fit::Empty, "a new database is empty");
    migrate::run(&pool).await?;
    ensure!(migrate::fit(&pool).await? == migrate::Fit::Fits, "after migrate it fits");
    let row = filed(&pool).await?;
    ensure!(row.reason == "为了 🐢" && row.lang == Lang::Zh && row.version == 1, "{row:?}");
    ensure!(row.created_at == at().trunc_subsecs(3), "times keep their milliseconds: {row:?}");

    let mut tx = begin(&pool).await?;
    let seen = ticket::lock(&mut tx, row.id).await?.context("the ticket")?;
    let moved = approve(&mut tx, &seen).await?;
    tx.commit().await?;
    let read = ticket::get(&pool, row.id).await?.context("the ticket")?;
    ensure!(read.version == 2 && read.now == moved.now && read.last_entry > row.last_entry, "{read:?}");

    let mut tx = begin(&pool).await?;
    let late = approve(&mut tx, &row).await;
    ensure!(matches!(late, Err(Error::Conflict)), "whoever saw an old version is told: {late:?}");
    drop(tx);

    let log = entry::after(&pool, row.id, 0, 10).await?;
    ensure!(log.len() == 2 && log[0].id < log[1].id, "{log:?}");
    ensure!(
        entry::after(&pool, row.id, log[0].id.0, 10).await? == log[1..],
        "the cursor goes on after the first"
    );

    cards(&pool, &read).await?;
    tasks(&pool, &read).await?;
    sharded(&pool).await?;
    lanes::are_seen(&pool, &read).await
}

async fn cards(pool: &Pool, row: &TicketRow) -> Result<()> {
    ensure!(ticket::behind(pool, 10).await?.len() == 1, "nobody told chat yet");
    let mut place = CardPlace {
        channel_id: "1".to_owned(),
        message_id: "2".to_owned(),
        thread_id: Some("3".to_owned()),
        told_entry: row.last_entry + 99,
    };
    ensure!(ticket::put_card(pool, row.id, &place).await?, "the ticket is there");
    ensure!(ticket::behind(pool, 10).await?.is_empty(), "all is told");
    place.told_entry = 1;
    place.thread_id = None;
    ticket::put_card(pool, row.id, &place).await?;
    let kept = ticket::get(pool, row.id).await?.and_then(|row| row.card).context("a card")?;
    ensure!(kept.told_entry == row.last_entry, "no further than the log, and never back: {kept:?}");
    ensure!(kept.thread_id.as_deref() == Some("3"), "a thread once known stays: {kept:?}");
    let page = ticket::page(pool, &ticket::Filter { limit: 50, ..Default::default() }).await?;
    ensure!(
        page.len() == 1 && page[0].service_group == "shop" && page[0].requester.name == "ann",
        "{page:?}"
    );
    Ok(())
}

async fn tasks(pool: &Pool, row: &TicketRow) -> Result<()> {
    let id = row.now.task.context("a task")?;
    let made = task::get(pool, id).await?.context("the task")?;
    ensure!(
        (made.kind, made.priority, made.repeatable, made.queue.as_str(), made.instance.as_deref())
            == (TaskKind::Dml, Priority::Normal, true, "", Some("127.0.0.1:3306")),
        "it is what its revision, ticket and group say: {made:?}"
    );
    let mut tx = begin(pool).await?;
    ensure!(!task::wish(&mut tx, id, Wish::Pause).await?, "what does not run hears no wish");
    ensure!(task::due_now(&mut tx, id, at()).await?, "it waits");
    ensure!(task::drop_unclaimed(&mut tx, id, at()).await?, "it was not claimed");
    ensure!(!task::drop_unclaimed(&mut tx, id, at()).await?, "it is gone");
    tx.commit().await?;
    ensure!(
        task::page(pool, &task::Filter { limit: 50, ..Default::default() }).await?.len() == 1,
        "one task"
    );
    Ok(())
}

async fn sharded(pool: &Pool) -> Result<()> {
    let table = |name: &str, last| ShardedTable {
        name: name.to_owned(),
        shards: vec![Shards {
            group: "shop".to_owned(),
            database: "shop".to_owned(),
            stem: format!("{name}_"),
            first: 0,
            last,
            width: 4,
        }],
    };
    let mut tx = begin(pool).await?;
    for (name, last, put) in [
        ("orders", 255, Put::Added),
        ("orders", 255, Put::Same),
        ("orders", 511, Put::Changed),
        ("订单", 7, Put::Added),
    ] {
        ensure!(sharded_table::put(&mut tx, &table(name, last), at()).await? == put, "{name} {last}");
    }
    tx.commit().await?;
    let (orders, other) = (table("orders", 511), table("订单", 7));
    let all = sharded_table::all(pool).await?;
    ensure!(all == [orders.clone(), other], "{all:?}");
    let asked =
        (0..2_500).map(|number| format!("t{number}")).chain(["orders".to_owned(), "Orders".to_owned()]);
    let named = sharded_table::named(pool, &asked.collect()).await?;
    ensure!(named == [orders], "{named:?}");
    ensure!(sharded_table::named(pool, &[].into()).await?.is_empty(), "none");
    Ok(())
}

#[tokio::test]
async fn a_ticket_lives_in_mariadb() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    a_life(&server).await?;
    let pool = connected(&server).await?;
    let set: String = sqlx::query_scalar(
        "SELECT CONCAT_WS(' ', CAST(@@SESSION.max_statement_time * 1000 AS UNSIGNED), @@SESSION.time_zone, \
         @@SESSION.innodb_lock_wait_timeout, @@SESSION.tx_isolation, \
         @@SESSION.character_set_client, @@SESSION.sql_mode LIKE 'STRICT_TRANS_TABLES,%')",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(set, "5000 +00:00 5 READ-COMMITTED utf8mb4 1");
    Ok(())
}

#[tokio::test]
async fn a_ticket_lives_in_mysql() -> Result<()> {
    let server = lab::MySql::start().await?;
    a_life(&server).await?;
    let pool = connected(&server).await?;
    let set: String = sqlx::query_scalar(
        "SELECT CONCAT_WS(' ', CAST(@@SESSION.max_execution_time AS UNSIGNED), @@SESSION.time_zone, \
         @@SESSION.innodb_lock_wait_timeout, @@SESSION.transaction_isolation, \
         @@SESSION.character_set_client, @@SESSION.sql_mode LIKE 'STRICT_TRANS_TABLES,%')",
    )
    .fetch_one(&pool)
    .await?;
    assert_eq!(set, "5000 +00:00 5 READ-COMMITTED utf8mb4 1");
    Ok(())
}

#[tokio::test]
async fn a_key_is_claimed_once_and_a_second_waits_for_the_first() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    let key = idempotency::Key { token: 1, person: PersonId(1), key: "k".to_owned(), request_hash: [7; 32] };

    let mut dropped = begin(&pool).await?;
    idempotency::claim(&mut dropped, &key, 201, at()).await?;
    drop(dropped);
    ensure!(idempotency::get(&pool, &key).await?.is_none(), "a crash before the commit leaves nothing");

    let mut first = begin(&pool).await?;
    idempotency::claim(&mut first, &key, 201, at()).await?;
    let second = tokio::spawn({
        let (pool, key) = (pool.clone(), key.clone());
        async move { idempotency::claim(&mut begin(&pool).await?, &key, 201, at()).await }
    });
    first.commit().await?;
    let second = second.await?;
    ensure!(second.as_ref().is_err_and(Error::is_duplicate), "{second:?}");

    idempotency::keep(&pool, &key, b"{}").await?;
    let kept = idempotency::get(&pool, &key).await?.context("the key")?;
    ensure!(
        kept.status == 201 && kept.body.as_deref() == Some(b"{}") && kept.request_hash == [7; 32],
        "{kept:?}"
    );
    ensure!(idempotency::purge(&pool, at() + TimeDelta::seconds(1)).await? == 1, "one is old");
    Ok(())
}

#[tokio::test]
async fn migrating_keeps_every_row_and_a_newer_or_half_done_database_is_seen() -> Result<()> {
    let server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    let row = filed(&pool).await?;
    migrate::run(&pool).await?;
    ensure!(ticket::get(&pool, row.id).await?.as_ref() == Some(&row), "the ticket is as it was");
    let wanted = migrate::wanted();
    server
        .sql(&format!(
            "INSERT desk._sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ({wanted} + 1, 'later', 1, '', 0)"
        ))
        .await?;
    ensure!(migrate::fit(&pool).await? == migrate::Fit::Newer { found: wanted + 1, wanted }, "newer");
    server.sql("UPDATE desk._sqlx_migrations SET success = 0 ORDER BY version DESC LIMIT 1").await?;
    ensure!(migrate::fit(&pool).await? == migrate::Fit::Dirty { found: wanted + 1 }, "half done");
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_down_or_hangs_is_told_as_such_and_soon() -> Result<()> {
    let mut server = lab::MariaDb::start().await?;
    let pool = connected(&server).await?;
    migrate::run(&pool).await?;
    server.kill()?;
    let down = migrate::fit(&pool).await;
    ensure!(matches!(down, Err(Error::Retry(_))), "{down:?}");
    server.restart().await?;
    ensure!(migrate::fit(&pool).await? == migrate::Fit::Fits, "it comes back by itself");
    server.freeze()?;
    let hangs = migrate::fit(&pool).await;
    server.thaw()?;
    ensure!(matches!(hangs, Err(Error::Retry(_))), "{hangs:?}");
    Ok(())
}
