//! What a process does with a task, and what the thread is told of it.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result};
use dbdesk_commands::{
    id::TaskId,
    wire::{task::TaskState, ticket::TicketState},
};
use dbdesk_components::mysql::target::Session;
use dbdesk_executor::{
    heartbeat::Rhythm,
    journal,
    pen::Pen,
    process,
    run::{self, Account, Halt, Outcome, Settings},
};
use dbdesk_store::{Connect, live, run::Claimant, task_line};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use desk::{Desk, LIMIT, clock};
use lab::Server;
use std::{path::Path, sync::Arc};
use tokio::{sync::watch, task::JoinHandle};

const QUICK: Rhythm =
    Rhythm { lease_ms: 3_000, renew_ms: 500, look_ms: 50, answer_ms: 1_000, proof_ms: 2_000 };

fn settings(desk: &Desk, state: &Path) -> Settings {
    let password = desk.target.password().to_owned();
    let account = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
    Settings {
        rhythm: QUICK,
        target_wait_ms: 1_000,
        connect_ms: 1_000,
        probe_ms: 200,
        ..Settings::usual(Connect { max_connections: 1, ..desk.connect.clone() }, account, state.to_owned())
    }
}

fn pen(settings: &Settings) -> Pen {
    Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}))
}

fn me() -> Claimant {
    process::claimant("here", std::process::id()).unwrap()
}

/// A process of its own in all but the process.
struct Worker {
    stop: watch::Sender<bool>,
    work: JoinHandle<Result<Outcome, dbdesk_store::Error>>,
}

impl Worker {
    fn start(task: TaskId, settings: Settings) -> Self {
        let (stop, stopped) = watch::channel(false);
        let work = run::run(task, me(), pen(&settings), settings, clock(), stopped);
        Self { stop, work: tokio::spawn(work) }
    }

    async fn end(self) -> Result<TaskEnd> {
        match self.work.await?? {
            Outcome::Ended(end) => Ok(end),
            other => anyhow::bail!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn statements_run_in_order_exactly_as_written_and_each_is_told() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let sql = "INSERT INTO done (what) VALUES ('a;'), ('b'); -- two\nINSERT IGNORE INTO done (n) VALUES (1);\nUPDATE done SET v = 1";
    let (ticket, task) = desk.ticket(sql).await?;
    assert_eq!(Worker::start(task, settings(&desk, state.path())).end().await?, TaskEnd::Succeeded);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.state(ticket).await?, TicketState::Done);
    let row = desk.task(task).await?;
    assert_eq!((row.state, row.done, row.total, row.in_flight), (TaskState::Succeeded, 3, 3, None));
    assert!(row.started_at.is_some() && row.ended_at.is_some());
    assert_eq!(desk.done().await?, "a;,b");
    Ok(())
}

#[tokio::test]
async fn a_statement_that_fails_ends_the_work_and_what_comes_after_it_is_not_run() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let sql = "INSERT INTO done (what) VALUES ('a'); INSERT INTO nowhere VALUES (1); INSERT INTO done (what) VALUES ('c')";
    let (ticket, task) = desk.ticket(sql).await?;
    assert_eq!(Worker::start(task, settings(&desk, state.path())).end().await?, TaskEnd::Failed);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.done().await?, "a");
    Ok(())
}

#[tokio::test]
async fn of_two_processes_with_the_same_task_one_does_it() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    let workers: Vec<Worker> = (0..8)
        .map(|number| {
            let by = Claimant { pid: number + 1, ..me() };
            let (stop, stopped) = watch::channel(false);
            let settings = settings(&desk, state.path());
            let work = run::run(task, by, pen(&settings), settings, clock(), stopped);
            Worker { stop, work: tokio::spawn(work) }
        })
        .collect();
    let mut did = 0;
    for worker in workers {
        match worker.work.await?? {
            Outcome::Ended(_) => did += 1,
            Outcome::NotOurs => {}
            Outcome::Halted(halt) => anyhow::bail!("{halt}"),
            Outcome::Waits(waits) => anyhow::bail!("it waits: {waits:?}"),
        }
        drop(worker.stop);
    }
    assert_eq!(did, 1, "{}", desk.story(ticket).await?);
    assert_eq!(desk.done().await?, "a");
    Ok(())
}

#[tokio::test]
async fn a_task_holds_between_two_statements_and_goes_on() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let sql = "UPDATE done SET v = 0 WHERE SLEEP(0); SELECT SLEEP(1); INSERT INTO done (what) VALUES ('b')";
    let (ticket, task) = desk.ticket(sql).await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(1)").await?;
    desk.wish(task, Wish::Pause).await?;
    desk.reaches(ticket, TicketState::Paused).await?;
    assert_eq!(desk.task(task).await?.state, TaskState::Paused);
    assert_eq!(desk.done().await?, "NULL");
    desk.wish(task, Wish::Go).await?;
    assert_eq!(worker.end().await?, TaskEnd::Succeeded);
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn a_pause_holds_although_the_heart_has_not_brought_it_when_the_statement_ends() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk.ticket("SELECT SLEEP(1); INSERT INTO done (what) VALUES ('b')").await?;
    let mut slow = settings(&desk, state.path());
    slow.rhythm = Rhythm { look_ms: 2_500, ..Rhythm::USUAL };
    let worker = Worker::start(task, slow);
    desk.runs_on_target("SLEEP(1)").await?;
    desk.wish(task, Wish::Pause).await?;
    desk.reaches(ticket, TicketState::Paused).await?;
    assert_eq!(desk.done().await?, "NULL");
    desk.wish(task, Wish::Go).await?;
    assert_eq!(worker.end().await?, TaskEnd::Succeeded);
    assert_eq!(desk.done().await?, "b");
    Ok(())
}

#[tokio::test]
async fn a_paused_task_is_cancelled_and_says_how_far_it_got() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk.ticket("SELECT SLEEP(1); INSERT INTO done (what) VALUES ('b')").await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(1)").await?;
    desk.wish(task, Wish::Pause).await?;
    desk.reaches(ticket, TicketState::Paused).await?;
    desk.wish(task, Wish::Cancel).await?;
    assert_eq!(worker.end().await?, TaskEnd::Cancelled);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.done().await?, "NULL");
    Ok(())
}

#[tokio::test]
async fn a_running_statement_is_cancelled_and_its_work_is_rolled_back() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let sql =
        "INSERT INTO done (what) VALUES ('a'), ('b'); UPDATE done SET v = 1 + SLEEP(60); DELETE FROM done";
    let (ticket, task) = desk.ticket(sql).await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(60)").await?;
    assert_eq!(desk.task(task).await?.in_flight, Some(1));
    desk.wish(task, Wish::Cancel).await?;
    assert_eq!(worker.end().await?, TaskEnd::Cancelled);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.target.sql("SELECT SUM(v), COUNT(*) FROM shop.done").await?, "0\t2");
    Ok(())
}

#[tokio::test]
async fn a_process_that_is_asked_to_end_finishes_its_statement_first() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let sql = "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(1)); INSERT INTO done (what) VALUES ('b')";
    let (ticket, task) = desk.ticket(sql).await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(1)").await?;
    worker.stop.send(true)?;
    assert_eq!(worker.end().await?, TaskEnd::Failed);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn a_target_killed_in_a_statement_leaves_the_task_lost() -> Result<()> {
    let (mut desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) =
        desk.ticket("INSERT INTO done (what) VALUES ('a'); SELECT SLEEP(60); DELETE FROM done").await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(60)").await?;
    desk.target.kill()?;
    assert_eq!(worker.end().await?, TaskEnd::Lost);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.task(task).await?.in_flight, Some(1), "which one nobody knows of stays in the row");
    Ok(())
}

#[tokio::test]
async fn a_target_that_is_down_is_tried_for_a_while_told_once_and_given_up() -> Result<()> {
    let (mut desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    desk.target.kill()?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    assert_eq!(Worker::start(task, settings(&desk, state.path())).end().await?, TaskEnd::Failed);
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn a_target_that_comes_back_in_time_gets_its_statements() -> Result<()> {
    let (mut desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    desk.target.kill()?;
    let (ticket, task) = desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    let patient = Settings { target_wait_ms: 30_000, ..settings(&desk, state.path()) };
    let worker = Worker::start(task, patient);
    lab::until("it to be told", LIMIT, || async {
        let story = desk.story(ticket).await?;
        anyhow::ensure!(story.contains("unreachable"), "{story}");
        Ok(())
    })
    .await?;
    desk.target.restart().await?;
    assert_eq!(worker.end().await?, TaskEnd::Succeeded);
    assert_eq!(desk.done().await?, "a");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_read_only_gets_nothing_whatever_the_inventory_says() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    desk.target.sql("SET GLOBAL read_only = 1").await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    assert_eq!(Worker::start(task, settings(&desk, state.path())).end().await?, TaskEnd::Failed);
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn content_other_than_what_was_approved_is_not_run() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    let other = "INSERT INTO done (what) VALUES ('b')";
    sqlx::query("UPDATE ticket_revision SET sql_text = ?, sql_hash = SHA2(?, 256)")
        .bind(other)
        .bind(other)
        .execute(&desk.pool)
        .await?;
    assert_eq!(Worker::start(task, settings(&desk, state.path())).end().await?, TaskEnd::Failed);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(desk.done().await?, "NULL");
    Ok(())
}

#[tokio::test]
async fn our_own_database_may_be_restarted_while_work_goes_on() -> Result<()> {
    let (mut desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk
        .ticket("INSERT INTO done (what) SELECT CONCAT('a', SLEEP(1)); INSERT INTO done (what) VALUES ('b')")
        .await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(1)").await?;
    desk.store.kill()?;
    lab::until("the answer to be kept", LIMIT, || async {
        anyhow::ensure!(journal::known(state.path(), task, 1).is_some(), "the journal is empty");
        Ok(())
    })
    .await?;
    assert_eq!(desk.done().await?, "a0", "nothing more is sent without the store");
    desk.store.restart().await?;
    assert_eq!(worker.end().await?, TaskEnd::Succeeded);
    insta::assert_snapshot!(desk.story(ticket).await?);
    assert_eq!(journal::known(state.path(), task, 1), None, "the store has it now");
    Ok(())
}

#[tokio::test]
async fn a_process_whose_lease_was_taken_sends_nothing_more_and_writes_nothing_more() -> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk
        .ticket("INSERT INTO done (what) SELECT CONCAT('a', SLEEP(1)); INSERT INTO done (what) VALUES ('b')")
        .await?;
    let worker = Worker::start(task, settings(&desk, state.path()));
    desk.runs_on_target("SLEEP(1)").await?;
    sqlx::query("UPDATE task SET epoch = epoch + 1").execute(&desk.pool).await?;
    let before = desk.story(ticket).await?;
    match worker.work.await?? {
        Outcome::Halted(Halt::Fenced) => {}
        other => anyhow::bail!("{other:?}"),
    }
    assert_eq!(desk.story(ticket).await?, before);
    assert_eq!(desk.done().await?, "a0");
    assert!(journal::known(state.path(), task, 1).is_some(), "what it knew is kept");
    Ok(())
}

#[tokio::test]
async fn how_far_a_statement_is_and_what_it_waits_for_is_in_the_store_while_it_runs_and_its_log_has_lines()
-> Result<()> {
    let (desk, state) = (Desk::start().await?, tempfile::tempdir()?);
    let (ticket, task) = desk.ticket("UPDATE done SET v = 1 WHERE n = 1").await?;
    desk.target.sql("INSERT INTO shop.done (n) VALUES (1)").await?;
    let options = sqlx::mysql::MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(desk.target.port())
        .username(Server::USER)
        .password(desk.target.password());
    let mut holder = Session::open(&options, desk::SHOP, None, LIMIT).await?;
    holder.run("START TRANSACTION").await?;
    holder.run("UPDATE done SET v = 2 WHERE n = 1").await?;
    let (tell, mut news) = tokio::sync::watch::channel(None);
    let progress = Arc::new(move |of| _ = tell.send_replace(Some(of)));
    let worker = Worker::start(task, Settings { progress, ..settings(&desk, state.path()) });
    lab::until("the store to know who holds the lock", LIMIT, || async {
        let (of, progress) = live::of_ticket(&desk.pool, ticket).await?.pop().context("nothing yet")?;
        anyhow::ensure!(of == task && progress.waits_for_lock(), "{progress:?}");
        anyhow::ensure!(
            progress.blocker.is_some_and(|by| by.connection == holder.id()),
            "another one holds it"
        );
        Ok(())
    })
    .await?;
    let told = *tokio::time::timeout(LIMIT, news.wait_for(Option::is_some)).await??;
    assert_eq!(told, Some(ticket));
    holder.run("COMMIT").await?;
    assert_eq!(worker.end().await?, TaskEnd::Succeeded);
    assert_eq!(live::of_ticket(&desk.pool, ticket).await?, []);
    let lines = task_line::after(&desk.pool, task, 0, 100).await?;
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert!(text[0].starts_with("Connected to 127.0.0.1:"), "{text:?}");
    assert_eq!(text[1], "Statement 1 of 1 is sent.");
    assert!(text.iter().any(|line| line.contains("Waits for a lock that connection")), "{text:?}");
    assert!(text.last().is_some_and(|line| line.starts_with("Statement 1 of 1: 1 rows,")), "{text:?}");
    Ok(())
}
