//! Processes started ahead, with real ones: who gets the task, and what ends with control.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::ticket::TicketState;
use desk::LIMIT;
use lab::until;
use parts::{Engine, Worker};
use rustix::process::Signal;
use std::collections::BTreeSet;

const ADD: &str = "INSERT INTO done (what) VALUES ('a')";

/// The processes of this desk that wait for a task.
fn waiting(engine: &Engine) -> BTreeSet<u32> {
    let folder = engine.folder.path().to_string_lossy().into_owned();
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let command = Worker(*pid).command();
            command.contains("dbdesk-run")
                && command.contains("--wait")
                && command.contains(&folder)
                && !command.contains("dbdesk-detach")
        })
        .collect()
}

/// Waits until so many wait, each without a parent among us.
async fn ready(engine: &Engine, count: usize) -> Result<BTreeSet<u32>> {
    until("the processes to wait", LIMIT, || async {
        let waiting = waiting(engine);
        ensure!(waiting.len() == count, "{waiting:?}: {}", engine.log());
        for pid in &waiting {
            // It sleeps until it hears its number.
            let call = std::fs::read_to_string(format!("/proc/{pid}/wchan"))?;
            ensure!(call.contains("epoll") || call.contains("ep_poll"), "{pid} is in {call}");
        }
        Ok(waiting)
    })
    .await
}

#[tokio::test]
async fn a_task_is_done_by_a_process_that_waited_for_it() -> Result<()> {
    let engine = Engine::start().await?;
    let control = engine.control()?;
    let ahead = ready(&engine, 6).await?;
    let (ticket, task) = engine.desk.ticket(ADD).await?;
    engine.reaches(ticket, TicketState::Done).await?;
    let pid = engine.desk.task(task).await?.pid.unwrap_or_default();
    ensure!(ahead.contains(&pid), "{pid} is not one of {ahead:?}");
    assert_eq!(engine.desk.done().await?, "a");
    for pid in ready(&engine, 6).await? {
        let worker = Worker(pid);
        assert_eq!(worker.field(6)?, pid, "it leads its session");
        ensure!(Some(worker.field(4)?) != control.pid(), "control is its parent");
        for secret in [engine.desk.store.password(), engine.desk.target.password()] {
            ensure!(!worker.command().contains(secret), "no secret in {}", worker.command());
        }
    }
    Ok(())
}

#[tokio::test]
async fn those_that_wait_end_with_a_control_that_is_killed() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    ready(&engine, 6).await?;
    control.kill()?;
    ready(&engine, 0).await?;
    Ok(())
}

#[tokio::test]
async fn a_task_handed_out_by_a_control_that_is_killed_right_after_runs_once() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    for round in 1..=5 {
        ready(&engine, 6).await?;
        let (ticket, task) = engine.desk.ticket(ADD).await?;
        until("it to be offered", LIMIT, || async {
            let offered: Option<chrono::DateTime<chrono::Utc>> =
                sqlx::query_scalar("SELECT offered_at FROM task WHERE id = ?")
                    .bind(task.0)
                    .fetch_one(&engine.desk.pool)
                    .await?;
            ensure!(offered.is_some(), "not yet");
            Ok(())
        })
        .await?;
        control.kill()?;
        control.start_again()?;
        engine.reaches(ticket, TicketState::Done).await?;
        assert_eq!(engine.desk.done().await?, vec!["a"; round].join(","));
    }
    Ok(())
}

#[tokio::test]
async fn a_task_handed_to_a_process_that_is_killed_before_its_claim_is_done_by_another() -> Result<()> {
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let ahead = ready(&engine, 6).await?;
    ahead.iter().try_for_each(|pid| Worker(*pid).signal(Signal::STOP))?;
    let (ticket, task) = engine.desk.ticket(ADD).await?;
    // A seventh waits: one place has handed its task to a process that stands still.
    let all = until("a place to be filled again", LIMIT, || async {
        let all = waiting(&engine);
        ensure!(all.len() > ahead.len(), "{all:?}");
        Ok(all)
    })
    .await?;
    ensure!(all.is_superset(&ahead), "{all:?}");
    ahead.iter().try_for_each(|pid| Worker(*pid).signal(Signal::KILL))?;
    engine.reaches(ticket, TicketState::Done).await?;
    ensure!(engine.log().contains("ended before its claim"), "{}", engine.log());
    let pid = engine.desk.task(task).await?.pid.unwrap_or_default();
    ensure!(!ahead.contains(&pid), "{pid} was killed");
    assert_eq!(engine.desk.done().await?, "a");
    Ok(())
}

/// Three statements, the first of them long.
const THREE: &str = "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(1.5)); INSERT INTO done (what) VALUES ('b'); \
                     INSERT INTO done (what) VALUES ('c')";

#[tokio::test]
async fn a_process_whose_control_stands_still_goes_on_without_it_and_what_control_does_late_changes_nothing()
-> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    ready(&engine, 6).await?;
    let (ticket, _) = engine.desk.ticket(THREE).await?;
    engine.desk.runs_on_target("SLEEP(1.5)").await?;
    let frozen = Worker(control.pid().context("it runs")?);
    frozen.signal(Signal::STOP)?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b,c");
    let story = engine.desk.story(ticket).await?;
    frozen.signal(Signal::CONT)?;
    // It answers what it was asked meanwhile, and takes the next task.
    let (next, _) = engine.desk.ticket(ADD).await?;
    engine.reaches(next, TicketState::Done).await?;
    assert_eq!(engine.desk.story(ticket).await?, story);
    assert_eq!(engine.desk.done().await?, "a0,b,c,a");
    control.kill()
}

#[tokio::test]
async fn a_process_whose_control_is_killed_goes_on_without_it() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    ready(&engine, 6).await?;
    let (ticket, _) = engine.desk.ticket(THREE).await?;
    engine.desk.runs_on_target("SLEEP(1.5)").await?;
    control.kill()?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b,c");
    Ok(())
}
