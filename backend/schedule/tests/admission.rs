//! What may start beside what: exact, however many processes claim at once, and told.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{
    id::TaskId,
    wire::{
        task::{TaskKind, TaskState},
        ticket::TicketState,
        waits::Waits,
    },
};
use dbdesk_schedule::{
    dispatch::Dispatcher,
    reconcile::{self, Machine},
};
use dbdesk_store::{
    control::{self, About},
    queue,
    revision::Effect,
    run::{self, Admission, Claim, Claimant, Write},
    task_line::Lines,
};
use dbdesk_ticket::task::PROTOCOL;
use desk::{Desk, Wanted, admission, now};
use std::sync::{Arc, Mutex};

const LEASE_MS: u64 = 30_000;
const INSERT: &str = "DELETE FROM done";

fn by(pid: u32) -> Claimant {
    Claimant { host: "here".into(), boot_id: "this boot".into(), pid, pid_start: 7 }
}

fn sending(connection: u64) -> Write {
    Write::Sending { index: 0, total: 1, instance: "db:1".into(), connection, kept: false, what: None }
}

async fn ddl(desk: &Desk, tables: &[&str]) -> Result<TaskId> {
    let touches = Some(tables.iter().map(|table| (*table).to_owned()).collect());
    let effect = Effect { kind: TaskKind::Ddl, touches, repeatable: false, script: None };
    Ok(desk.wanted(&Wanted { sql: INSERT, effect, ..Wanted::default() }).await?.1)
}

async fn claim(desk: &Desk, task: TaskId, pid: u32, admission: &Admission) -> Result<Claim> {
    Ok(run::claim(&desk.pool, task, &by(pid), LEASE_MS, admission, now()).await?)
}

/// All at once; the tasks that were let in, and what the others wait for.
async fn all_at_once(
    desk: &Desk,
    tasks: &[TaskId],
    admission: &Admission,
) -> Result<(Vec<TaskId>, Vec<Waits>)> {
    let mut claims = Vec::new();
    for (task, pid) in tasks.iter().copied().zip(1..) {
        let (pool, admission) = (desk.pool.clone(), admission.clone());
        claims.push(tokio::spawn(async move {
            run::claim(&pool, task, &by(pid), LEASE_MS, &admission, now()).await
        }));
    }
    let (mut ours, mut waits) = (Vec::new(), Vec::new());
    for claim in claims {
        match claim.await?? {
            Claim::Ours(claimed) => ours.push(claimed.task.id),
            Claim::Waits(what) => waits.push(what),
            Claim::NotOurs => anyhow::bail!("one was neither claimed nor has to wait"),
        }
    }
    Ok((ours, waits))
}

#[tokio::test]
async fn of_many_that_claim_at_once_exactly_as_many_start_as_the_group_may_run() -> Result<()> {
    let desk = Desk::start().await?;
    let mut tasks = Vec::new();
    for _ in 0..12 {
        tasks.push(desk.ticket(INSERT).await?.1);
    }
    let (ours, waits) = all_at_once(&desk, &tasks, &admission(3)).await?;
    assert_eq!(ours.len(), 3, "{waits:?}");
    assert!(waits.iter().all(|what| *what == Waits::Group { limit: 3 }), "{waits:?}");
    Ok(())
}

#[tokio::test]
async fn two_that_change_the_structure_of_one_table_never_run_side_by_side() -> Result<()> {
    let desk = Desk::start().await?;
    let mut tasks = Vec::new();
    for _ in 0..6 {
        tasks.push(ddl(&desk, &["shop.orders", "shop.users"]).await?);
    }
    let elsewhere = ddl(&desk, &["shop.items"]).await?;
    tasks.push(elsewhere);
    let (ours, waits) = all_at_once(&desk, &tasks, &admission(100)).await?;
    assert_eq!(ours.len(), 2, "one of six, and the one on another table: {waits:?}");
    assert!(ours.contains(&elsewhere));
    let winner = desk.task(*ours.iter().find(|task| **task != elsewhere).expect("one of six")).await?;
    let waited = Waits::Ticket { ticket: winner.ticket, table: Some("shop.orders".into()) };
    assert!(waits.iter().all(|what| *what == waited), "{waits:?}");
    Ok(())
}

#[tokio::test]
async fn a_ticket_that_waits_for_another_says_for_whom_and_starts_when_that_one_ended() -> Result<()> {
    let desk = Desk::start().await?;
    let (first, second) = (ddl(&desk, &["shop.orders"]).await?, ddl(&desk, &["shop.orders"]).await?);
    let Claim::Ours(running) = claim(&desk, first, 1, &admission(4)).await? else {
        anyhow::bail!("not claimed")
    };
    let mut dispatcher = Dispatcher::new(desk.pool.clone(), "here".into(), 4, admission(4));
    let launched: Arc<Mutex<Vec<TaskId>>> = Arc::default();
    let seen = Arc::clone(&launched);
    let launch = move |task| {
        seen.lock().unwrap().push(task);
        Ok(())
    };
    let round = dispatcher.round(&[second], now(), &launch).await?;
    let waiting = round.waiting.expect("all that is kept was looked at");
    let told = reconcile::waits(&desk.pool, &waiting, now()).await?;
    let ticket = desk.task(second).await?.ticket;
    assert_eq!(told, [ticket]);
    assert!(reconcile::waits(&desk.pool, &waiting, now()).await?.is_empty(), "told once");
    insta::assert_snapshot!(desk.story(ticket).await?);
    let end = run::End { end: dbdesk_ticket::machine::TaskEnd::Succeeded, cause: None, last: None };
    assert_eq!(
        run::write(&desk.pool, &running.lease, &Write::Ended { end, lines: Lines::default() }, now()).await?,
        run::Fence::Passed
    );
    dispatcher.round(&[], now(), &launch).await?;
    assert_eq!(*launched.lock().unwrap(), [second]);
    assert!(matches!(claim(&desk, second, 2, &admission(4)).await?, Claim::Ours(_)));
    assert_eq!(desk.task(second).await?.waits, None, "it waits no more");
    Ok(())
}

#[tokio::test]
async fn a_turn_that_is_waited_for_is_told_after_a_while_only() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket(INSERT).await?;
    let due_at = desk.task(task).await?.due_at;
    let waiting = [(task, due_at, Waits::Room)];
    assert!(reconcile::waits(&desk.pool, &waiting, due_at + TimeDelta::seconds(2)).await?.is_empty());
    assert_eq!(reconcile::waits(&desk.pool, &waiting, due_at + TimeDelta::seconds(11)).await?, [ticket]);
    let other = [(task, due_at, Waits::Group { limit: 4 })];
    assert!(
        reconcile::waits(&desk.pool, &other, due_at + TimeDelta::seconds(12)).await?.is_empty(),
        "a turn is a turn"
    );
    assert_eq!(desk.task(task).await?.waits, Some(Waits::Group { limit: 4 }), "but the row knows");
    Ok(())
}

fn control_with(labels: &[&str]) -> About {
    About {
        name: format!("c-{}", labels.join("-")),
        process: by(1),
        version: "0".into(),
        protocol: PROTOCOL,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        tasks_at_once: 4,
    }
}

#[tokio::test]
async fn work_that_no_machine_can_reach_says_so_instead_of_waiting_silently() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket(INSERT).await?;
    sqlx::query("UPDATE task SET queue = 'audit+north'").execute(&desk.pool).await?;
    control::seen(&desk.pool, &control_with(&["north"]), now()).await?;
    assert_eq!(reconcile::unserved(&desk.pool, now()).await?, [ticket]);
    assert!(reconcile::unserved(&desk.pool, now()).await?.is_empty(), "told once");
    let labels = vec!["audit".to_owned(), "north".to_owned()];
    assert_eq!(desk.task(task).await?.waits, Some(Waits::Machine { labels }));
    control::seen(&desk.pool, &control_with(&["north", "audit"]), now()).await?;
    sqlx::query("UPDATE task SET waits = NULL").execute(&desk.pool).await?;
    assert!(reconcile::unserved(&desk.pool, now()).await?.is_empty(), "a machine has both");
    control::drain(&desk.pool, Some("here")).await?;
    assert_eq!(reconcile::unserved(&desk.pool, now()).await?, [ticket], "one that drains takes nothing");
    Ok(())
}

#[tokio::test]
async fn an_older_program_leaves_alone_what_only_a_newer_one_understands() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket(INSERT).await?;
    sqlx::query("UPDATE task SET protocol = ?").bind(PROTOCOL + 1).execute(&desk.pool).await?;
    assert!(queue::look(&desk.pool, &[task]).await?.ready.is_empty());
    assert_eq!(claim(&desk, task, 1, &admission(4)).await?, Claim::NotOurs);
    assert_eq!(desk.task(task).await?.state, TaskState::Ready);
    Ok(())
}

#[tokio::test]
async fn what_may_run_twice_is_tried_again_by_a_new_task_and_not_for_ever() -> Result<()> {
    let desk = Desk::start().await?;
    let effect = Effect { kind: TaskKind::Dml, touches: Some([].into()), repeatable: true, script: None };
    let (ticket, first) = desk.wanted(&Wanted { sql: INSERT, effect, ..Wanted::default() }).await?;
    let gone = Machine {
        host: "here",
        gone: &|_| true,
        known: &|_| None,
        seen: &|_| Box::pin(std::future::ready(None)),
    };
    let mut task = first;
    for attempt in 2..=5 {
        let Claim::Ours(claimed) = claim(&desk, task, attempt, &admission(4)).await? else {
            anyhow::bail!("{task} was not claimed")
        };
        let started = run::write(&desk.pool, &claimed.lease, &sending(9), now()).await?;
        ensure!(started == run::Fence::Passed, "not started");
        assert_eq!(reconcile::rescue(&desk.pool, &gone, || false, now()).await?.ended, [ticket]);
        assert_eq!(desk.task(task).await?.state, TaskState::Lost, "what was, stays");
        let newest: u64 = sqlx::query_scalar("SELECT MAX(id) FROM task").fetch_one(&desk.pool).await?;
        if attempt <= 4 {
            assert_eq!(desk.state(ticket).await?, TicketState::Scheduled);
            let again = desk.task(TaskId(newest)).await?;
            assert_eq!(
                (again.attempt, again.retry_of, again.state),
                (attempt, Some(task), TaskState::Waiting)
            );
            assert_eq!(reconcile::promote(&desk.pool, again.due_at).await?, 1);
        }
        task = TaskId(newest);
    }
    assert_eq!(desk.state(ticket).await?, TicketState::Lost, "four times is enough");
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}
