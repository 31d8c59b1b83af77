//! What each reconciler makes true, and that it may be called again, by anybody, in any order.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use chrono::TimeDelta;
use dbdesk_cmdb::label;
use dbdesk_commands::{
    clock::Time,
    id::TaskId,
    point::Points,
    wire::{
        entry::Event,
        task::{Priority, TaskState},
        ticket::TicketState,
    },
};
use dbdesk_schedule::{
    Redis,
    reconcile::{self, Machine, Offer},
};
use dbdesk_store::{
    queue::{self, Held},
    rescue,
    run::{self, Claim, Claimant, Claimed, Write},
    silence::Patience,
    task,
    task_line::{self, Lines},
};
use dbdesk_ticket::task::Wish;
use desk::{Desk, LIMIT, Wanted, admission, now};
use lab::{MariaDb, MySql};
use std::{pin::Pin, time::Duration};

const AGAIN: TimeDelta = TimeDelta::seconds(5);
const LEASE_MS: u64 = 30_000;

fn redis(lab: &lab::Redis) -> Result<Redis> {
    Ok(Redis::new(redis::Client::open(lab.url())?)?)
}

fn by(host: &str) -> Claimant {
    Claimant { host: host.into(), boot_id: "this boot".into(), pid: 7, pid_start: 7 }
}

fn sending(connection: u64, total: u32) -> Write {
    Write::Sending { index: 0, total, instance: "db:1".into(), connection, kept: false, what: None }
}

fn nobody_asked(_: &Held) -> Pin<Box<dyn Future<Output = Option<Event>> + Send>> {
    Box::pin(std::future::ready(None))
}

async fn claim(desk: &Desk, task: TaskId, host: &str) -> Result<Claimed> {
    match run::claim(&desk.pool, task, &by(host), LEASE_MS, &admission(100), now()).await? {
        Claim::Ours(claimed) => Ok(*claimed),
        other => anyhow::bail!("{task} could not be claimed: {other:?}"),
    }
}

async fn later(desk: &Desk, minutes: i64) -> Result<TaskId> {
    let due_in = TimeDelta::minutes(minutes);
    let wanted = Wanted { sql: "DELETE FROM done", due_in, ..Wanted::default() };
    Ok(desk.wanted(&wanted).await?.1)
}

async fn nothing_vanished(desk: &Desk, trust_leases: bool, at: Time) -> Result<usize> {
    let machine = Machine { host: "another", gone: &|_| false, known: &|_| None, seen: &nobody_asked };
    Ok(reconcile::rescue(&desk.pool, &machine, || trust_leases, at).await?.ended.len())
}

async fn its_time_comes(desk: &Desk) -> Result<()> {
    let (late, early, never) = (later(desk, 20).await?, later(desk, 10).await?, later(desk, 60).await?);
    assert_eq!(desk.task(early).await?.state, TaskState::Waiting);
    assert_eq!(reconcile::promote(&desk.pool, now()).await?, 0);
    let then = now() + TimeDelta::minutes(30);
    assert_eq!(reconcile::promote(&desk.pool, then).await?, 2);
    assert_eq!(reconcile::promote(&desk.pool, then).await?, 0, "again changes nothing");
    let many = async |then: Time| {
        let fresh = queue::take_fresh(&desk.pool, then, 10).await?.len();
        Ok::<_, anyhow::Error>((fresh, queue::take_again(&desk.pool, then, then - AGAIN, 10).await?.len()))
    };
    assert_eq!(many(then).await?, (2, 0));
    assert_eq!(many(then).await?, (0, 0), "offered already");
    let after = then + AGAIN + TimeDelta::seconds(1);
    assert_eq!(many(after).await?, (0, 2), "nobody took them");
    assert_eq!(many(after).await?, (0, 0), "offered again already");
    let mut ready = queue::look(&desk.pool, &[late, early, never]).await?.ready;
    ready.sort_by_key(|candidate| (candidate.priority, candidate.due_at));
    assert_eq!(ready.into_iter().map(|candidate| candidate.work.task).collect::<Vec<_>>(), [early, late]);
    Ok(())
}

#[tokio::test]
async fn what_is_due_becomes_ready_and_is_offered_in_the_order_of_its_time() -> Result<()> {
    its_time_comes(&Desk::start().await?).await
}

async fn a_lease_runs_out(desk: &Desk) -> Result<()> {
    let (unknown, task) = desk.ticket("DELETE FROM done; DELETE FROM done").await?;
    let flying = claim(desk, task, "far").await?.lease;
    let (known, task) = desk.ticket("DELETE FROM done; DELETE FROM done").await?;
    let between = claim(desk, task, "far").await?.lease;
    for lease in [flying, between] {
        assert_eq!(run::write(&desk.pool, &lease, &sending(99, 2), now()).await?, run::Fence::Passed);
    }
    let event =
        Event::StatementDone { index: 0, total: 2, affected_rows: 0, elapsed_ms: 1, warnings: Vec::new() };
    let ran = Write::Ran { index: 0, event };
    assert_eq!(run::write(&desk.pool, &between, &ran, now()).await?, run::Fence::Passed);
    // The answer to the commit was lost: again is no second entry.
    assert_eq!(run::write(&desk.pool, &between, &ran, now()).await?, run::Fence::Passed);
    assert_eq!(run::write(&desk.pool, &flying, &sending(99, 2), now()).await?, run::Fence::Passed);
    assert_eq!(nothing_vanished(desk, true, now()).await?, 0, "both leases hold");
    sqlx::query("UPDATE task SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND")
        .execute(&desk.pool)
        .await?;
    assert_eq!(nothing_vanished(desk, false, now()).await?, 0, "the store was away: nobody could renew");
    assert_eq!(nothing_vanished(desk, true, now()).await?, 2);
    assert_eq!(nothing_vanished(desk, true, now()).await?, 0, "again changes nothing");
    assert_eq!(desk.state(unknown).await?, TicketState::Lost);
    assert_eq!(desk.state(known).await?, TicketState::Failed);
    assert!(!run::renew(&desk.pool, &flying, LEASE_MS).await?, "the fence is closed");
    assert_eq!(run::write(&desk.pool, &flying, &ran, now()).await?, run::Fence::Closed);
    insta::assert_snapshot!("lost", desk.story(unknown).await?);
    insta::assert_snapshot!("failed", desk.story(known).await?);
    Ok(())
}

#[tokio::test]
async fn a_host_that_vanished_leaves_lost_what_was_in_flight_and_failed_what_was_not() -> Result<()> {
    a_lease_runs_out(&Desk::start().await?).await
}

#[tokio::test]
async fn a_lease_renewed_since_it_was_looked_at_is_left_alone() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let lease = claim(&desk, task, "far").await?.lease;
    sqlx::query("UPDATE task SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND")
        .execute(&desk.pool)
        .await?;
    let held: Vec<Held> = queue::held(&desk.pool, "another", 10).await?;
    assert!(held.iter().all(|held| held.stale) && held.len() == 1, "{held:?}");
    assert!(run::renew(&desk.pool, &lease, LEASE_MS).await?);
    assert_eq!(
        rescue::rescue(&desk.pool, &held[0], false, (None, None), now()).await?,
        rescue::Rescue::Alive
    );
    assert_eq!(desk.state(ticket).await?, TicketState::Running);
    Ok(())
}

#[tokio::test]
async fn a_process_gone_after_its_last_statement_has_succeeded() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let lease = claim(&desk, task, "here").await?.lease;
    assert_eq!(run::write(&desk.pool, &lease, &sending(99, 1), now()).await?, run::Fence::Passed);
    let kept =
        Event::StatementDone { index: 0, total: 1, affected_rows: 3, elapsed_ms: 1, warnings: Vec::new() };
    let known = move |_: &Held| Some(kept.clone());
    let machine = Machine { host: "here", gone: &|_| true, known: &known, seen: &nobody_asked };
    assert_eq!(reconcile::rescue(&desk.pool, &machine, || false, now()).await?.ended, [ticket]);
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}

async fn an_approval_expires(desk: &Desk) -> Result<()> {
    let hour = TimeDelta::hours(1);
    let wanted = Wanted { sql: "DELETE FROM done", due_in: hour, approval_lasts: hour, ..Wanted::default() };
    let (ticket, task) = desk.wanted(&wanted).await?;
    let (other, running) = desk.wanted(&Wanted { due_in: TimeDelta::zero(), ..wanted }).await?;
    claim(desk, running, "here").await?;
    assert!(reconcile::expire(&desk.pool, now()).await?.is_empty());
    let then = now() + TimeDelta::hours(3);
    let early = run::claim(&desk.pool, task, &by("here"), LEASE_MS, &admission(4), then).await?;
    assert_eq!(early, Claim::NotOurs, "not ready, and over besides");
    assert_eq!(reconcile::expire(&desk.pool, then).await?, [ticket], "what runs has used its approval");
    assert!(reconcile::expire(&desk.pool, then).await?.is_empty(), "again changes nothing");
    assert_eq!(desk.state(ticket).await?, TicketState::AwaitingApproval);
    assert_eq!(desk.state(other).await?, TicketState::Running);
    assert_eq!(desk.task(task).await?.state, TaskState::Cancelled);
    insta::assert_snapshot!("expired", desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn an_approval_not_used_in_time_goes_back_to_a_dba() -> Result<()> {
    an_approval_expires(&Desk::start().await?).await
}

#[tokio::test]
async fn a_ready_task_whose_approval_is_over_is_not_claimed() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let then = now() + TimeDelta::days(2);
    let late = run::claim(&desk.pool, task, &by("here"), LEASE_MS, &admission(4), then).await?;
    assert_eq!(late, Claim::NotOurs);
    assert_eq!(desk.state(ticket).await?, TicketState::Scheduled);
    assert_eq!(desk.task(task).await?.epoch, 0);
    Ok(())
}

#[tokio::test]
async fn all_of_it_holds_when_our_own_database_is_mysql() -> Result<()> {
    let (store, target) = tokio::try_join!(MySql::start(), MariaDb::start())?;
    let desk = Desk::with(Box::new(store), Box::new(target)).await?;
    its_time_comes(&desk).await?;
    sqlx::query("UPDATE task SET state = 'cancelled'").execute(&desk.pool).await?;
    a_lease_runs_out(&desk).await?;
    sqlx::query("UPDATE ticket SET state = 'cancelled'").execute(&desk.pool).await?;
    an_approval_expires(&desk).await
}

#[tokio::test]
async fn an_emptied_redis_is_told_everything_again_and_only_once() -> Result<()> {
    let (desk, lab) = tokio::try_join!(Desk::start(), lab::Redis::start())?;
    let redis = redis(&lab)?;
    let (_, ready) = desk.ticket("DELETE FROM done").await?;
    let waiting = later(&desk, 1).await?;
    let mut reader = redis.reader(label::queues(&[]), Duration::from_millis(50)).await?;
    for round in 0..3 {
        assert!(
            reconcile::rebuild(&desk.pool, &redis, now(), &Points::default()).await?,
            "round {round}: it is empty"
        );
        assert!(
            !reconcile::rebuild(&desk.pool, &redis, now(), &Points::default()).await?,
            "another control has nothing to do"
        );
        assert_eq!(
            reconcile::offer(&desk.pool, &redis, now(), Some(AGAIN), &Points::default()).await?,
            Offer::Made(1)
        );
        assert_eq!(
            reconcile::offer(&desk.pool, &redis, now(), Some(AGAIN), &Points::default()).await?,
            Offer::Made(0)
        );
        let due = desk.task(waiting).await?.due_at;
        assert_eq!(redis.next_due().await?.map(|at| at.timestamp_millis()), Some(due.timestamp_millis()));
        assert_eq!(reader.read(10).await?, [ready], "round {round}");
        lab.flush().await?;
    }
    Ok(())
}

#[tokio::test]
async fn without_redis_an_offer_comes_back_to_the_one_who_made_it() -> Result<()> {
    let (desk, mut lab) = tokio::try_join!(Desk::start(), lab::Redis::start())?;
    let redis = redis(&lab)?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    lab.kill()?;
    assert_eq!(
        reconcile::offer(&desk.pool, &redis, now(), Some(AGAIN), &Points::default()).await?,
        Offer::Here(vec![task])
    );
    assert_eq!(
        reconcile::offer(&desk.pool, &redis, now(), Some(AGAIN), &Points::default()).await?,
        Offer::Made(0)
    );
    Ok(())
}

#[tokio::test]
async fn what_a_dead_control_had_taken_is_offered_again_at_its_place() -> Result<()> {
    let lab = lab::Redis::start().await?;
    let redis = redis(&lab)?;
    let start = now();
    let offer = |task: u64, queue: &str, priority| task::Offer {
        task: TaskId(task),
        queue: queue.into(),
        priority,
        due_at: start + TimeDelta::seconds(task.cast_signed()),
    };
    let offers = [
        offer(2, "", Priority::Low),
        offer(1, "", Priority::Low),
        offer(5, "", Priority::Low),
        offer(3, "north", Priority::High),
    ];
    assert_eq!(redis.offer(&offers).await?, 4);
    let queues = label::queues(&["north".into()]);
    let mut reader = redis.reader(queues, Duration::from_millis(50)).await?;
    assert_eq!(reader.read(1).await?, [TaskId(3)], "the high priority first, whatever its queue");
    assert_eq!(reader.read(1).await?, [TaskId(1)], "the longest due");
    // Whoever took 1 and 3 is gone. The others stand there still, and stand there once.
    assert_eq!(redis.offer(&offers).await?, 2);
    assert_eq!(reader.read(10).await?, [TaskId(3)]);
    assert_eq!(reader.read(10).await?, [TaskId(1), TaskId(2), TaskId(5)]);
    let mut elsewhere = redis.reader(label::queues(&[]), Duration::from_millis(50)).await?;
    assert_eq!(redis.offer(&offers[1..]).await?, 3);
    assert_eq!(elsewhere.read(10).await?, [TaskId(1), TaskId(5)], "no label, no work of the zone");
    assert!(elsewhere.read(10).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_full_keeps_what_is_due_first_and_says_how_many_found_a_place() -> Result<()> {
    let lab = lab::Redis::start().await?;
    let redis = redis(&lab)?;
    let start = now();
    let offers: Vec<task::Offer> = (1..=10_100_u64)
        .map(|task| task::Offer {
            task: TaskId(task),
            queue: String::new(),
            priority: Priority::Normal,
            due_at: start - TimeDelta::seconds(task.cast_signed()),
        })
        .collect();
    assert_eq!(redis.offer(&offers[..5_000]).await?, 5_000);
    assert_eq!(redis.offer(&offers).await?, 5_000);
    assert_eq!(
        redis.offer(&offers[..100]).await?,
        0,
        "those that are due last find no place, again and again"
    );
    let mut reader = redis.reader(label::queues(&[]), Duration::from_millis(50)).await?;
    assert_eq!(reader.read(2).await?, [TaskId(10_100), TaskId(10_099)]);
    Ok(())
}

#[tokio::test]
async fn many_processes_claim_at_once_and_each_task_has_one_winner() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    let mut claims = Vec::new();
    for pid in 1..=16 {
        let (pool, by) = (desk.pool.clone(), Claimant { pid, ..by("here") });
        claims.push(tokio::spawn(async move {
            run::claim(&pool, task, &by, LEASE_MS, &admission(4), now()).await
        }));
    }
    let mut winners = 0;
    for claim in claims {
        winners += usize::from(matches!(tokio::time::timeout(LIMIT, claim).await???, Claim::Ours(_)));
    }
    assert_eq!((winners, desk.task(task).await?.epoch), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_process_that_falls_silent_and_answers_again_is_told_of_once_each_time() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DO 0").await?;
    let claimed = claim(&desk, task, "north").await?;
    let patience = Patience { lease_ms: LEASE_MS, silent_after_ms: 12_000 };
    assert!(reconcile::silence(&desk.pool, patience, now()).await?.is_empty(), "it has just claimed");
    // Its lease was proven 13 s ago.
    sqlx::query("UPDATE task SET lease_until = lease_until - INTERVAL 13 SECOND").execute(&desk.pool).await?;
    assert_eq!(reconcile::silence(&desk.pool, patience, now()).await?, [ticket]);
    assert!(reconcile::silence(&desk.pool, patience, now()).await?.is_empty(), "told once");
    assert!(desk.task(task).await?.view().silent);
    run::renew(&desk.pool, &claimed.lease, LEASE_MS).await?;
    assert_eq!(reconcile::silence(&desk.pool, patience, now()).await?, [ticket]);
    assert!(!desk.task(task).await?.view().silent);
    let story = desk.story(ticket).await?;
    assert!(story.ends_with("Silent { ms: 12000 }\nAnswers"), "{story}");
    Ok(())
}

#[tokio::test]
async fn what_was_to_be_cancelled_and_vanished_between_two_statements_is_cancelled() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DO 0; DO 1").await?;
    claim(&desk, task, "north").await?;
    desk.wish(task, Wish::Cancel).await?;
    assert!(queue::unheard(&desk.pool, "north", 30_000, 10).await?.is_empty(), "it may still hear it");
    sqlx::query("UPDATE task SET wish_at = UTC_TIMESTAMP(3) - INTERVAL 31 SECOND")
        .execute(&desk.pool)
        .await?;
    assert!(queue::unheard(&desk.pool, "north", 30_000, 10).await?.is_empty(), "it answers: it is busy");
    sqlx::query("UPDATE task SET silent = 1").execute(&desk.pool).await?;
    assert_eq!(queue::unheard(&desk.pool, "north", 30_000, 10).await?.len(), 1);
    assert!(queue::unheard(&desk.pool, "south", 30_000, 10).await?.is_empty(), "not on that machine");
    let machine = Machine { host: "north", gone: &|_| true, known: &|_| None, seen: &nobody_asked };
    assert_eq!(reconcile::rescue(&desk.pool, &machine, || true, now()).await?.ended, [ticket]);
    assert_eq!(desk.state(ticket).await?, TicketState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn what_processes_said_is_forgotten_ninety_days_after_their_end() -> Result<()> {
    let desk = Desk::start().await?;
    let mut tasks = Vec::new();
    for _ in 0..3 {
        tasks.push(desk.ticket("DELETE FROM done").await?.1);
    }
    for task in &tasks {
        let lines = Lines { before: 0, lines: vec![(now(), "said".into())] };
        task_line::add(&desk.pool, *task, &lines).await?;
    }
    // The first still runs, the second ended long ago, the third yesterday.
    for (task, days) in [(tasks[1], 91), (tasks[2], 1)] {
        sqlx::query(
            "UPDATE task SET state = 'succeeded', ended_at = UTC_TIMESTAMP() - INTERVAL ? DAY WHERE id = ?",
        )
        .bind(days)
        .bind(task.0)
        .execute(&desk.pool)
        .await?;
    }
    reconcile::sweep(&desk.pool, TimeDelta::days(30), now()).await?;
    let mut left = Vec::new();
    for task in &tasks {
        left.push(task_line::after(&desk.pool, *task, 0, 10).await?.len());
    }
    assert_eq!(left, [1, 0, 1]);
    Ok(())
}
