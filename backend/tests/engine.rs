//! The engine with real processes: what dies when, and what becomes of the work. The target's own table counts what ran.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{id::TicketId, wire::ticket::TicketState};
use dbdesk_executor::process;
use dbdesk_ticket::task::Wish;
use desk::{LIMIT, Wanted};
use lab::{S3, until};
use parts::{Engine, Worker};
use rustix::process::Signal;
use std::time::Instant;

const SLOW: &str =
    "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(2)); INSERT INTO done (what) VALUES ('b')";

#[tokio::test]
async fn work_runs_in_a_session_of_its_own_without_a_parent_among_us() -> Result<()> {
    let engine = Engine::start().await?;
    let control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.reaches(ticket, TicketState::Running).await?;
    let worker = engine.worker(task).await?;
    until("its launcher to end", LIMIT, || async {
        let parent = worker.field(4)?;
        ensure!(!Worker(parent).command().contains("detach"), "its parent is {parent}");
        ensure!(Some(parent) != control.pid() && parent != std::process::id(), "its parent is {parent}");
        Ok(())
    })
    .await?;
    assert_eq!(worker.field(6)?, worker.0, "it leads its session");
    for secret in [engine.desk.store.password(), engine.desk.target.password()] {
        assert!(!worker.command().contains(secret), "no secret in {}", worker.command());
    }
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b");
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn control_killed_while_work_runs_changes_nothing_for_it() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    control.kill()?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b");
    let (next, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('c')").await?;
    control.start_again()?;
    engine.reaches(next, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b,c");
    Ok(())
}

#[tokio::test]
async fn a_process_killed_in_a_statement_leaves_its_ticket_lost() -> Result<()> {
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.worker(task).await?.signal(Signal::KILL)?;
    engine.reaches(ticket, TicketState::Lost).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn a_process_killed_between_two_statements_leaves_its_ticket_failed_with_all_that_is_known()
-> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.desk.wish(task, Wish::Pause).await?;
    engine.reaches(ticket, TicketState::Paused).await?;
    // Nobody watches when it dies: the next control finds it.
    control.kill()?;
    engine.worker(task).await?.signal(Signal::KILL)?;
    control.start_again()?;
    engine.reaches(ticket, TicketState::Failed).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    assert_eq!(engine.desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn what_a_process_knew_when_it_was_killed_is_told_though_the_store_was_away() -> Result<()> {
    let mut engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    let worker = engine.worker(task).await?;
    control.kill()?;
    engine.desk.store.kill()?;
    let state = engine.folder.path().join("state");
    until("its answer to be kept", LIMIT, || async {
        ensure!(dbdesk_executor::journal::known(&state, task, 1).is_some(), "the journal is empty");
        Ok(())
    })
    .await?;
    worker.signal(Signal::KILL)?;
    engine.desk.store.restart().await?;
    control.start_again()?;
    engine.reaches(ticket, TicketState::Failed).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    assert_eq!(engine.desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn without_redis_work_starts_and_ends_all_the_same() -> Result<()> {
    let mut engine = Engine::start().await?;
    engine.redis.kill()?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    engine.redis.restart().await?;
    let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('b')").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a,b");
    Ok(())
}

#[tokio::test]
async fn two_controls_killed_and_redis_flushed_at_random_run_each_task_exactly_once() -> Result<()> {
    const TASKS: usize = 40;
    let engine = Engine::start().await?;
    let mut controls = [engine.control()?, engine.control()?];
    let mut tickets = Vec::new();
    for number in 0..TASKS {
        let sql = format!("INSERT INTO done (what) VALUES ('{number}')");
        let due_in = TimeDelta::milliseconds(i64::try_from(number % 7)? * 100);
        let wanted = Wanted { sql: &sql, due_in, approval_lasts: TimeDelta::hours(1), ..Wanted::default() };
        tickets.push(engine.desk.wanted(&wanted).await?.0);
        match number % 10 {
            3 => engine.redis.flush().await?,
            6 => controls[number / 10 % 2].kill()?,
            8 => controls[number / 10 % 2].start_again()?,
            _ => {}
        }
    }
    engine.redis.flush().await?;
    for ticket in &tickets {
        engine.reaches(*ticket, TicketState::Done).await?;
    }
    let twice =
        engine.desk.target.sql("SELECT what, COUNT(*) c FROM shop.done GROUP BY what HAVING c <> 1").await?;
    let rows = engine.desk.target.sql("SELECT COUNT(*) FROM shop.done").await?;
    assert_eq!((twice.as_str(), rows.as_str()), ("", TASKS.to_string().as_str()));
    Ok(())
}

#[tokio::test]
async fn a_process_told_to_end_finishes_its_statement_and_says_that_it_was_stopped() -> Result<()> {
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.worker(task).await?.signal(Signal::TERM)?;
    engine.reaches(ticket, TicketState::Failed).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    assert_eq!(engine.desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn a_process_that_was_frozen_past_its_lease_sends_nothing_more_when_it_thaws() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    let worker = engine.worker(task).await?;
    worker.signal(Signal::STOP)?;
    control.kill()?;
    engine.ended_elsewhere(ticket).await?;
    engine.reaches(ticket, TicketState::Lost).await?;
    let told = engine.desk.story(ticket).await?;
    worker.signal(Signal::CONT)?;
    until("the thawed process to end", LIMIT, || async {
        ensure!(worker.command().is_empty(), "{} still runs", worker.command());
        Ok(())
    })
    .await?;
    assert_eq!(engine.desk.story(ticket).await?, told, "it writes nothing more");
    assert_eq!(engine.desk.done().await?, "a0", "the statement in flight ended, the next one was not sent");
    // It kept the answer, and a control of its machine tells it; the ticket stays lost.
    control.start_again()?;
    until("the answer to be told", LIMIT, || async {
        let story = engine.desk.story(ticket).await?;
        ensure!(story.contains("1/2 done"), "{story}");
        Ok(())
    })
    .await?;
    assert_eq!(engine.desk.state(ticket).await?, TicketState::Lost);
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn our_own_database_and_redis_may_both_be_restarted_under_running_work() -> Result<()> {
    let mut engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.redis.kill()?;
    engine.desk.store.kill()?;
    engine.desk.store.restart().await?;
    engine.redis.restart().await?;
    engine.reaches(ticket, TicketState::Done).await?;
    let (next, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('c')").await?;
    engine.reaches(next, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b,c");
    Ok(())
}

/// Runs for longer than any story waits.
const LONG: &str =
    "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(300)); INSERT INTO done (what) VALUES ('b')";

#[tokio::test]
async fn a_frozen_process_is_told_as_silent_and_a_cancel_that_it_can_not_hear_ends_it_by_force() -> Result<()>
{
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(LONG).await?;
    engine.desk.runs_on_target("SLEEP(300)").await?;
    let worker = engine.worker(task).await?;
    worker.signal(Signal::STOP)?;
    tells(&engine, ticket, "Silent").await?;
    ensure!(engine.desk.task(task).await?.view().silent, "lists show it");
    engine.desk.wish(task, Wish::Cancel).await?;
    // Half a minute in which it does not hear it, without waiting for it.
    sqlx::query("UPDATE task SET wish_at = UTC_TIMESTAMP(3) - INTERVAL 31 SECOND")
        .execute(&engine.desk.pool)
        .await?;
    tells(&engine, ticket, "Unheard").await?;
    // A statement was in flight: a person decides what became of it.
    engine.reaches(ticket, TicketState::Lost).await?;
    tells(&engine, ticket, "killed: true").await?;
    until("the process to be gone", LIMIT, || async {
        ensure!(worker.command().is_empty(), "{} still runs", worker.command());
        Ok(())
    })
    .await?;
    let running = engine.desk.target.sql("SHOW FULL PROCESSLIST").await?;
    ensure!(!running.contains("SLEEP(300)"), "the statement runs on: {running}");
    assert_eq!(engine.desk.done().await?, "NULL", "what it did was rolled back");
    Ok(())
}

#[tokio::test]
async fn a_frozen_process_that_thaws_in_time_answers_again_and_hears_the_cancel_by_itself() -> Result<()> {
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(LONG).await?;
    engine.desk.runs_on_target("SLEEP(300)").await?;
    let worker = engine.worker(task).await?;
    worker.signal(Signal::STOP)?;
    tells(&engine, ticket, "Silent").await?;
    worker.signal(Signal::CONT)?;
    tells(&engine, ticket, "Answers").await?;
    engine.desk.wish(task, Wish::Cancel).await?;
    engine.reaches(ticket, TicketState::Cancelled).await?;
    let story = engine.desk.story(ticket).await?;
    ensure!(!story.contains("Unheard") && story.matches("Silent").count() == 1, "{story}");
    Ok(())
}

#[tokio::test]
async fn a_machine_that_was_rebooted_knows_its_work_for_gone_though_its_numbers_are_in_use_again()
-> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (flying, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    let worker = engine.worker(task).await?;
    control.kill()?;
    worker.signal(Signal::KILL)?;
    let (waiting, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('c')").await?;
    // What stands there is of another boot, and a process with that number and that start lives now: this one.
    let me = process::claimant("here", std::process::id())?;
    sqlx::query("UPDATE task SET boot_id = 'the boot before', pid = ?, pid_start = ? WHERE id = ?")
        .bind(me.pid)
        .bind(me.pid_start)
        .bind(task.0)
        .execute(&engine.desk.pool)
        .await?;
    control.start_again()?;
    engine.reaches(flying, TicketState::Lost).await?;
    engine.reaches(waiting, TicketState::Done).await?;
    let story = engine.desk.story(flying).await?;
    ensure!(story.ends_with("lost 0/2 Some(ProcessGone)"), "{story}");
    Ok(())
}

#[tokio::test]
async fn a_disk_that_is_full_keeps_no_task_from_running() -> Result<()> {
    let engine = Engine::start().await?;
    let tasks = engine.folder.path().join("state/tasks");
    std::fs::create_dir_all(&tasks)?;
    // The log of the first takes no line, that of the second can not even be made.
    std::os::unix::fs::symlink("/dev/full", tasks.join("K-1.log"))?;
    std::fs::create_dir(tasks.join("K-2.log"))?;
    for warm in ["6", "0"] {
        let ahead = format!("DBDESK__CONTROL__WARM={warm}");
        let mut control = engine.control_in(&["env", &ahead])?;
        for id in [1, 2] {
            sqlx::query("ALTER TABLE task AUTO_INCREMENT = 1").execute(&engine.desk.pool).await?;
            let (ticket, task) = engine.desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
            ensure!(task.0 == id, "{task}");
            engine.reaches(ticket, TicketState::Done).await?;
        }
        ensure!(engine.log().contains("its log can not be opened"), "{}", engine.log());
        control.kill()?;
        sqlx::query("DELETE FROM task").execute(&engine.desk.pool).await?;
    }
    assert_eq!(engine.desk.done().await?, "a,a,a,a");
    Ok(())
}

#[tokio::test]
async fn work_of_a_machine_that_vanished_is_told_as_lost_by_another_within_half_a_minute() -> Result<()> {
    let engine = Engine::start().await?;
    let gone = engine.control()?;
    let (ticket, task) =
        engine.desk.ticket("INSERT INTO done (what) SELECT CONCAT('a', SLEEP(60)); DO 1").await?;
    engine.desk.runs_on_target("SLEEP(60)").await?;
    let worker = engine.worker(task).await?;
    // For all others it is as if its cable were pulled.
    for pid in [gone.pid().context("it runs")?, worker.0] {
        Worker(pid).signal(Signal::STOP)?;
    }
    let vanished = Instant::now();
    let _other = engine.control_in(&["env", "DBDESK__CONTROL__NAME=another"])?;
    engine.reaches(ticket, TicketState::Lost).await?;
    println!("told {} ms after its last sign of life", vanished.elapsed().as_millis());
    let story = engine.desk.story(ticket).await?;
    ensure!(story.ends_with("lost 0/2 Some(LeaseLost)"), "{story}");
    Ok(())
}

async fn tells(engine: &Engine, ticket: TicketId, words: &str) -> Result<()> {
    until(&format!("{ticket} to tell {words}"), LIMIT, || async {
        let story = engine.desk.story(ticket).await?;
        ensure!(story.contains(words), "{story}\n{}", engine.log());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_a_process_keeps_goes_into_the_bucket_and_control_removes_it_when_its_time_is_over() -> Result<()>
{
    let (engine, s3) = tokio::try_join!(Engine::start(), S3::start())?;
    let config = engine.folder.path().join("dbdesk.toml");
    let own = format!(
        "[backup]\nsecret_key_file = \"key\"\nkeep_in = \"s3\"\n[backup.s3]\nendpoint = \"{}\"\nbucket = \"{}\"\naccess_key_id = \"{}\"\n\
         secret_key_file = \"s3\"\n",
        s3.endpoint(),
        S3::BUCKET,
        S3::ACCESS_KEY_ID
    );
    std::fs::write(&config, std::fs::read_to_string(&config)? + &own)?;
    std::fs::write(engine.folder.path().join("key"), "5a".repeat(32))?;
    std::fs::write(engine.folder.path().join("s3"), s3.secret_key())?;
    engine.desk.target.sql("INSERT INTO shop.done (what) VALUES ('a')").await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket("UPDATE done SET what = 'x'").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    let names = s3.names().await?;
    assert!(names[0].starts_with(&format!("dbdesk/{ticket}/{task}/0/0-")) && names.len() == 1, "{names:?}");
    control.kill()?;

    let age = ["backup", "backup_object"]
        .map(|table| format!("UPDATE desk.{table} SET created_at = created_at - INTERVAL 31 DAY"));
    engine.desk.store.sql(&age.join("; ")).await?;
    control.start_again()?;
    until("the object to go", LIMIT, || async {
        let known = engine.desk.store.sql("SELECT COUNT(*) FROM desk.backup_object").await?;
        ensure!(known.trim() == "0" && s3.names().await?.is_empty(), "{known}");
        Ok(())
    })
    .await?;
    let log = engine.log();
    for secret in [s3.secret_key(), "X-Amz-Signature", "5a5a"] {
        assert!(!log.contains(secret), "{log}");
    }
    Ok(())
}
