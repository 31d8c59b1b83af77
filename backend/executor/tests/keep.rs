//! What statements touch is kept before it is committed, and takes them back.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::ticket::TicketState,
};
use dbdesk_components::{
    mysql::{target::Session, undoable::Most},
    s3::{Objects, Place},
};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Backup, Outcome, Settings, Shelf, place},
};
use dbdesk_store::{
    backup::{self, Bytes, OfTask, Part},
    backup_object,
    run::Lease,
    task,
};
use dbdesk_ticket::machine::TaskEnd;
use dbdesk_undo::{
    restore,
    sealed::{Key, open},
};
use desk::{Beyond, Desk, LIMIT, Wanted, clock};
use lab::{Proxy, S3, Server, until};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

fn key() -> Key {
    Key::of_hex(&"5a".repeat(32)).unwrap()
}

fn settings(desk: &Desk, state: &Path, rows: u64) -> Settings {
    let password = desk.target.password().to_owned();
    let account = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
    let count = AtomicU64::new(0);
    let chance = Arc::new(move || {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&count.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        Some(nonce)
    });
    let backup = Backup { key: key(), most: Most { rows, bytes: 1 << 20 }, chance, shelf: Shelf::Database };
    Settings { backup: Some(backup), ..Settings::usual(desk.connect.clone(), account, state.to_owned()) }
}

/// The bytes of a part that is in our own database.
fn here(part: &Part) -> &[u8] {
    match &part.bytes {
        Bytes::Here(sealed) => sealed,
        Bytes::Away(object) => panic!("it is away: {object:?}"),
    }
}

async fn works(desk: &Desk, sql: &str, rows: u64) -> Result<(TicketId, Lease)> {
    works_with(desk, sql, rows, Shelf::Database).await
}

async fn works_with(desk: &Desk, sql: &str, rows: u64, shelf: Shelf) -> Result<(TicketId, Lease)> {
    let (ticket, lease, outcome) = ran(desk, sql, rows, shelf).await?;
    assert!(
        matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)),
        "{outcome:?}: {}",
        desk.story(ticket).await?
    );
    Ok((ticket, lease))
}

async fn ran(desk: &Desk, sql: &str, rows: u64, shelf: Shelf) -> Result<(TicketId, Lease, Outcome)> {
    let state = tempfile::tempdir()?;
    let (ticket, task) = desk.ticket(sql).await?;
    let mut settings = settings(desk, state.path(), rows);
    settings.backup = settings.backup.map(|backup| Backup { shelf, ..backup });
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (_stop, stop) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    let outcome = run::run(task, by, pen, settings, clock(), stop).await?;
    let epoch = task::get(&desk.pool, task).await?.map_or(0, |row| row.epoch);
    Ok((ticket, Lease { task, ticket, epoch }, outcome))
}

/// All that is kept of a task, whether it was committed or not.
async fn all(desk: &Desk, task: TaskId) -> Result<Vec<OfTask>> {
    let mut all = Vec::new();
    for statement in 0..3 {
        all.extend(backup::of_statement(&desk.pool, task, (statement, 0)).await?);
    }
    Ok(all)
}

async fn session(desk: &Desk) -> Result<Session> {
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(desk.target.port())
        .username(Server::USER)
        .password(desk.target.password());
    Ok(Session::open(&options, desk::SHOP, None, LIMIT).await?)
}

#[tokio::test]
async fn what_a_ticket_touched_is_kept_sealed_and_takes_it_back() -> Result<()> {
    let desk = Desk::start().await?;
    desk.target.sql("INSERT INTO shop.done (what) VALUES ('a'), ('b'), ('c')").await?;
    let before = desk.done().await?;
    let script = "UPDATE done SET what = 'x' WHERE n >= 2; INSERT INTO done (what) VALUES ('d'); DELETE FROM done WHERE n = 1";
    let (ticket, lease) = works(&desk, script, 100).await?;
    assert_eq!(desk.state(ticket).await?, TicketState::Done);
    assert_eq!(desk.done().await?, "x,x,d");
    let parts = all(&desk, lease.task).await?;
    let told: Vec<_> = parts
        .iter()
        .map(|OfTask { part, .. }| (part.statement, part.table_name.as_str(), part.row_count))
        .collect();
    assert_eq!(told, [(0, "shop.done", 2), (1, "shop.done", 1), (2, "shop.done", 1)]);
    for OfTask { part, .. } in &parts {
        assert!(!String::from_utf8_lossy(here(part)).contains("done"), "it is sealed");
    }
    let mut session = session(&desk).await?;
    for OfTask { part, .. } in parts.iter().rev() {
        let images = open(here(part), &key(), &place(lease.ticket, lease.task, part.statement, part.part))?;
        session.undo(&restore::steps(&images, &[]).unwrap()).await?;
    }
    assert_eq!(desk.done().await?, before);
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_taken_back_runs_and_the_thread_says_why() -> Result<()> {
    let desk = Desk::start().await?;
    desk.target
        .sql("INSERT INTO shop.done (what) VALUES ('a'), ('b'), ('c'); CREATE TABLE shop.k (v INT)")
        .await?;
    let script = "UPDATE done SET v = 1 ORDER BY n LIMIT 3; UPDATE done SET v = 2 WHERE v < RAND(); INSERT INTO k VALUES (1)";
    let (ticket, lease) = works(&desk, script, 2).await?;
    let story = desk.story(ticket).await?;
    for why in ["more than 2 rows", "depends on RAND()", "k has no primary key"] {
        assert!(story.contains(why), "{story}");
    }
    assert!(all(&desk, lease.task).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_nobody_approved_without_undo_does_not_run() -> Result<()> {
    let desk = Desk::start().await?;
    desk.target.sql("INSERT INTO shop.done (what) VALUES ('a'), ('b'), ('c')").await?;
    let before = desk.done().await?;
    for (sql, why) in [
        ("UPDATE done SET v = 2 WHERE v < RAND()", "depends on RAND()"),
        ("UPDATE done SET v = 2", "more than 2 rows"),
    ] {
        let state = tempfile::tempdir()?;
        let (ticket, task) =
            desk.wanted(&Wanted { sql, beyond: Beyond::Nothing, ..Wanted::default() }).await?;
        let settings = settings(&desk, state.path(), 2);
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (_stop, stop) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        let outcome = run::run(task, by, pen, settings, clock(), stop).await?;
        assert!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}");
        let story = desk.story(ticket).await?;
        assert!(story.contains("nobody has approved it so") && story.contains(why), "{story}");
        assert_eq!(desk.done().await?, before);
    }
    Ok(())
}

#[tokio::test]
async fn a_backup_that_our_own_database_does_not_take_rolls_the_statement_back() -> Result<()> {
    let desk = Desk::start().await?;
    desk.target.sql("INSERT INTO shop.done (what) VALUES ('a')").await?;
    desk.store.sql("DROP TABLE desk.backup").await?;
    let state = tempfile::tempdir()?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let settings = settings(&desk, state.path(), 100);
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (_stop, stop) = watch::channel(false);
    let outcome =
        run::run(task, process::claimant("here", std::process::id())?, pen, settings, clock(), stop).await?;
    assert!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}");
    assert!(desk.story(ticket).await?.contains("RolledBack"));
    assert_eq!(desk.done().await?, "a");
    Ok(())
}

fn bucket(port: u16, secret: &str) -> Result<Arc<Objects>> {
    let place = Place {
        endpoint: format!("http://127.0.0.1:{port}").parse()?,
        path_style: true,
        region: "us-east-1".into(),
        bucket: S3::BUCKET.into(),
        prefix: "desk/".into(),
    };
    Ok(Arc::new(Objects::new(place, S3::ACCESS_KEY_ID, secret)?))
}

#[tokio::test]
async fn what_is_kept_in_a_bucket_is_there_before_the_commit_and_takes_it_back() -> Result<()> {
    let (desk, s3) = tokio::try_join!(Desk::start(), S3::start())?;
    desk.target.sql("INSERT INTO shop.done (what) VALUES ('a'), ('b'), ('c')").await?;
    let before = desk.done().await?;
    let objects = bucket(s3.port(), s3.secret_key())?;
    let script = "UPDATE done SET what = 'x' WHERE n >= 2; DELETE FROM done WHERE n = 1";
    let (ticket, lease) = works_with(&desk, script, 100, Shelf::Bucket(Arc::clone(&objects))).await?;
    assert_eq!(desk.done().await?, "x,x");
    let (parts, mut session) = (all(&desk, lease.task).await?, session(&desk).await?);
    let mut names = Vec::new();
    for OfTask { part, .. } in parts.iter().rev() {
        let Bytes::Away(object) = &part.bytes else { panic!("it is here: {part:?}") };
        let place = place(lease.ticket, lease.task, part.statement, part.part);
        assert!(object.name.starts_with(&format!("desk/{place}-")), "{}", object.name);
        let at = (object.bucket.as_str(), object.name.as_str());
        let sealed = objects.get(at, (object.size as usize, &object.sha256), desk::now()).await?;
        assert!(!String::from_utf8_lossy(&sealed).contains("done"), "it is sealed");
        session.undo(&restore::steps(&open(&sealed, &key(), &place)?, &[]).unwrap()).await?;
        names.insert(0, object.name.clone());
    }
    assert_eq!(s3.names().await?, names);
    assert_eq!(desk.done().await?, before);
    assert!(backup::size(&desk.pool, ticket).await?.bytes > 50, "what is away counts as well");
    Ok(())
}

#[tokio::test]
async fn a_bucket_that_refuses_rolls_the_statement_back_and_one_that_is_away_is_waited_for() -> Result<()> {
    let (desk, s3) = tokio::try_join!(Desk::start(), S3::start())?;
    desk.target.sql("INSERT INTO shop.done (what) VALUES ('a')").await?;
    let denied = Shelf::Bucket(bucket(s3.port(), "wrong")?);
    let (ticket, lease, outcome) = ran(&desk, "DELETE FROM done", 100, denied).await?;
    assert!(matches!(outcome, Outcome::Ended(TaskEnd::Failed)), "{outcome:?}");
    let story = desk.story(ticket).await?;
    assert!(story.contains("RolledBack") && story.contains("SignatureDoesNotMatch"), "{story}");
    assert_eq!(desk.done().await?, "a");
    assert!(s3.names().await?.is_empty());
    assert!(all(&desk, lease.task).await?.is_empty(), "nothing says that it is there");

    let proxy = Proxy::start(s3.port()).await?;
    proxy.close();
    let away = Shelf::Bucket(bucket(proxy.port(), s3.secret_key())?);
    let later = desk::now() + chrono::TimeDelta::days(1);
    let known = async {
        // Written down before it is put: from here on it is to be put.
        until("the second object to be known", LIMIT, || async {
            let known = backup_object::due(&desk.pool, later, 0, 10).await?;
            anyhow::ensure!(known.len() == 2, "{known:?}");
            Ok(())
        })
        .await?;
        assert_eq!(desk.done().await?, "a", "nothing is committed yet");
        proxy.switch(s3.port());
        Ok(())
    };
    let (ended, ()) = tokio::try_join!(ran(&desk, "DELETE FROM done", 100, away), known)?;
    assert!(matches!(ended.2, Outcome::Ended(TaskEnd::Succeeded)), "{:?}", ended.2);
    assert_eq!((desk.done().await?.as_str(), s3.names().await?.len()), ("NULL", 1));
    Ok(())
}
