//! Changes of structure: replicas are looked at, and nothing is dropped that could not be set aside.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use dbdesk_cmdb::Instance;
use dbdesk_commands::{id::TicketId, wire::group::InstanceRole};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Ddl, Outcome, Settings},
};
use dbdesk_store::{
    begin,
    group_history::Change,
    service_group::{self, GroupRow},
    set_aside,
};
use dbdesk_ticket::machine::TaskEnd;
use desk::{Beyond, Desk, Wanted, clock, now};
use lab::{MariaDb, Server};
use std::sync::Arc;
use tokio::sync::watch;

async fn works(desk: &Desk, account: (&str, &str), sql: &str, without: bool) -> Result<(TicketId, TaskEnd)> {
    let state = tempfile::tempdir()?;
    let beyond = if without { Beyond::Undo } else { Beyond::Nothing };
    let (ticket, task) = desk.wanted(&Wanted { sql, beyond, ..Wanted::default() }).await?;
    let (user, password) = (account.0.to_owned(), account.1.to_owned());
    let account = Arc::new(move |_: &str| Account { user: user.clone(), password: password.clone() });
    let ddl =
        Ddl { replica_wait_ms: 1_000, lock_wait_s: 1, lock_tries: 2, lock_pause_ms: 100, ..Ddl::default() };
    let settings =
        Settings { ddl, ..Settings::usual(desk.connect.clone(), account, state.path().to_owned()) };
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (_stop, stop) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    match run::run(task, by, pen, settings, clock(), stop).await? {
        Outcome::Ended(end) => Ok((ticket, end)),
        other => anyhow::bail!("{other:?}: {}", desk.story(ticket).await?),
    }
}

#[tokio::test]
async fn a_replica_that_has_something_else_is_told() -> Result<()> {
    let (desk, replica) = tokio::try_join!(Desk::start(), MariaDb::start())?;
    let GroupRow { mut group, version, .. } =
        service_group::by_name(&desk.pool, desk::SHOP).await?.expect("the group");
    let port = replica.port();
    group.instances.push(Instance::new("127.0.0.1", port, InstanceRole::Replica));
    let mut tx = begin(&desk.pool).await?;
    service_group::put(&mut tx, &group, &Change::of(version, "a test"), now()).await?;
    tx.commit().await?;
    replica
        .sql(&format!(
            "CREATE DATABASE shop; CREATE TABLE shop.done (n INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(64), v INT DEFAULT 0); \
             CREATE USER alike@'%' IDENTIFIED BY '{0}'; GRANT ALL ON *.* TO alike@'%'",
            desk.target.password()
        ))
        .await?;
    desk.target
        .sql(&format!(
            "CREATE USER alike@'%' IDENTIFIED BY '{0}'; GRANT ALL ON *.* TO alike@'%'",
            desk.target.password()
        ))
        .await?;
    let both = ("alike", desk.target.password());
    let (ticket, end) = works(&desk, both, "ALTER TABLE done ADD COLUMN more INT", true).await?;
    assert_eq!(end, TaskEnd::Succeeded);
    let story = desk.story(ticket).await?;
    assert!(story.contains("ReplicaDiffers") && story.contains(&port.to_string()), "{story}");
    replica.sql("ALTER TABLE shop.done ADD COLUMN more INT, ADD COLUMN last INT").await?;
    let (ticket, _) = works(&desk, both, "ALTER TABLE done ADD COLUMN last INT", true).await?;
    let story = desk.story(ticket).await?;
    assert!(!story.contains("ReplicaDiffers"), "it has the same now: {story}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_dropped_that_can_not_be_set_aside() -> Result<()> {
    let desk = Desk::start().await?;
    desk.target
        .sql(
            "INSERT INTO shop.done (what) VALUES ('a'); CREATE USER plain@'%' IDENTIFIED BY 'plain'; GRANT ALL ON shop.* TO plain@'%'; \
             CREATE TABLE shop.t (id INT PRIMARY KEY); CREATE TRIGGER shop.tr AFTER DELETE ON shop.t FOR EACH ROW SET @x = 1",
        )
        .await?;
    let (ticket, end) = works(&desk, ("plain", "plain"), "DROP TABLE done", false).await?;
    assert_eq!(end, TaskEnd::Failed);
    let story = desk.story(ticket).await?;
    assert!(story.contains("could not be set aside in `dbdesk_set_aside`"), "{story}");
    assert_eq!(desk.done().await?, "a");
    let root = (Server::USER, desk.target.password());
    let (ticket, end) = works(&desk, root, "DROP TABLE t", false).await?;
    assert_eq!(end, TaskEnd::Failed, "its trigger would be lost, and nobody approved that");
    assert!(desk.story(ticket).await?.contains("nobody has approved it so"));
    let (_, end) = works(&desk, root, "DROP TABLE t", true).await?;
    assert_eq!(end, TaskEnd::Succeeded);
    let (ticket, end) = works(&desk, root, "DROP TABLE done", false).await?;
    assert_eq!(end, TaskEnd::Succeeded);
    let kept = set_aside::of_ticket(&desk.pool, ticket).await?;
    let [kept] = kept.as_slice() else { anyhow::bail!("{kept:?}") };
    assert_eq!((kept.database_name.as_str(), kept.table_name.as_str()), ("shop", "done"));
    let rows = desk.target.sql(&format!("SELECT what FROM dbdesk_set_aside.{}", kept.kept_as)).await?;
    assert_eq!(rows, "a");
    Ok(())
}

#[tokio::test]
async fn a_lock_that_is_never_let_go_is_given_up_and_named() -> Result<()> {
    let desk = Desk::start().await?;
    let hold = "BEGIN; SELECT * FROM shop.done; SELECT SLEEP(30)";
    let holding = desk.target.sql(hold);
    let working =
        works(&desk, (Server::USER, desk.target.password()), "ALTER TABLE done ADD COLUMN more INT", true);
    let ended = tokio::select! {
        gone = holding => anyhow::bail!("the lock is gone: {gone:?}"),
        ended = async {
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            working.await
        } => ended?,
    };
    assert_eq!(ended.1, TaskEnd::Failed);
    let story = desk.story(ended.0).await?;
    assert!(
        story.contains("LockWaits") && story.contains("held a lock on the table each time, 2 times"),
        "{story}"
    );
    Ok(())
}
