//! In closed time nothing starts, and it is the claim that says so.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use chrono::TimeDelta;
use dbdesk_cmdb::calendar::Freeze;
use dbdesk_commands::{
    clock::Time,
    id::{FreezeId, PersonId, TaskId},
    when::When,
    wire::waits::Waits,
};
use dbdesk_schedule::{dispatch::Dispatcher, reconcile};
use dbdesk_store::{
    freeze,
    run::{self, Admission, Claim, Claimant},
    task,
};
use dbdesk_ticket::{admission::Limits, exclusion::Exclusion, task::Wish};
use desk::{Desk, now};
use std::sync::{Arc, Mutex};

const LEASE_MS: u64 = 30_000;

async fn claim(desk: &Desk, task: TaskId) -> Result<Claim> {
    let by = Claimant { host: "here".into(), boot_id: "this boot".into(), pid: 7, pid_start: 7 };
    let admission = Admission {
        limits: Limits { per_group: 100, per_instance: None, per_kind: [].into() },
        exclusion: Exclusion::read(dbdesk_ticket::exclusion::SHIPPED)?,
    };
    Ok(run::claim(&desk.pool, task, &by, LEASE_MS, &admission, now()).await?)
}

async fn let_go(desk: &Desk, task: TaskId) -> Result<()> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    assert!(task::due_now(&mut tx, task, now()).await?);
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn a_freeze_holds_even_what_a_dba_lets_go_until_it_is_ended() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    let storm = Freeze { group: None, from: now(), until: None, reason: "storm".into() };
    let FreezeId(id) = freeze::insert(&mut tx, &storm, PersonId(1), now()).await?;
    tx.commit().await?;
    let waits = Claim::Waits(Waits::Freeze { reason: "storm".into(), until: None });
    assert_eq!(claim(&desk, task).await?, waits);
    let_go(&desk, task).await?;
    assert_eq!(claim(&desk, task).await?, waits, "in a freeze nobody starts anything");
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    assert!(freeze::end(&mut tx, FreezeId(id), PersonId(1), now()).await?);
    tx.commit().await?;
    assert!(matches!(claim(&desk, task).await?, Claim::Ours(_)));
    Ok(())
}

#[tokio::test]
async fn peak_hours_hold_what_no_dba_lets_go() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    sqlx::query("UPDATE service_group SET spec = JSON_SET(spec, '$.peak', JSON_EXTRACT('[{}]', '$'))")
        .execute(&desk.pool)
        .await?;
    assert_eq!(claim(&desk, task).await?, Claim::Waits(Waits::Peak { until: None }), "it is busy all week");
    let_go(&desk, task).await?;
    assert!(matches!(claim(&desk, task).await?, Claim::Ours(_)));
    Ok(())
}

async fn freeze_all(desk: &Desk, until: Option<Time>) -> Result<FreezeId> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    let storm = Freeze { group: None, from: now(), until, reason: "storm".into() };
    let id = freeze::insert(&mut tx, &storm, PersonId(1), now()).await?;
    tx.commit().await?;
    Ok(id)
}

async fn thaw(desk: &Desk, id: FreezeId) -> Result<()> {
    let mut tx = dbdesk_store::begin(&desk.pool).await?;
    freeze::end(&mut tx, id, PersonId(1), now()).await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn running_work_holds_in_a_freeze_and_goes_on_by_itself_but_not_if_a_person_paused_it() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let (other, by_hand) = desk.ticket("DELETE FROM done").await?;
    for task in [task, by_hand] {
        assert!(matches!(claim(&desk, task).await?, Claim::Ours(_)));
    }
    desk.wish(by_hand, Wish::Pause).await?;
    assert!(reconcile::calm(&desk.pool, now()).await?.is_empty(), "it is open");
    let id = freeze_all(&desk, None).await?;
    assert_eq!(reconcile::calm(&desk.pool, now()).await?, [ticket], "the other one holds already");
    assert!(reconcile::calm(&desk.pool, now()).await?.is_empty(), "told once");
    assert_eq!(desk.task(task).await?.wish, Wish::Pause);
    thaw(&desk, id).await?;
    assert_eq!(reconcile::calm(&desk.pool, now()).await?, [ticket]);
    assert_eq!(desk.task(task).await?.wish, Wish::Go);
    assert_eq!(desk.task(by_hand).await?.wish, Wish::Pause, "a person's pause is a person's");
    assert!(!desk.story(other).await?.contains("Opens"));
    insta::assert_snapshot!(desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn work_beyond_its_window_holds_until_a_person_lets_it_go_on() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let (from, to) = (now() - TimeDelta::hours(1), now() + TimeDelta::hours(1));
    sqlx::query("UPDATE ticket SET when_asked = ?")
        .bind(When::Between { from, to }.to_string())
        .execute(&desk.pool)
        .await?;
    assert!(matches!(claim(&desk, task).await?, Claim::Ours(_)));
    assert!(reconcile::calm(&desk.pool, now()).await?.is_empty(), "it is within its window");
    let after = now() + TimeDelta::hours(2);
    assert_eq!(reconcile::calm(&desk.pool, after).await?, [ticket]);
    assert!(reconcile::calm(&desk.pool, after).await?.is_empty(), "told once, and nothing opens it");
    assert_eq!(desk.task(task).await?.wish, Wish::Pause);
    sqlx::query("UPDATE task SET wish = 'go', wish_by = 'person', wish_at = ?")
        .bind(after)
        .execute(&desk.pool)
        .await?;
    assert!(reconcile::calm(&desk.pool, after).await?.is_empty(), "a person let it go on");
    Ok(())
}

#[tokio::test]
async fn a_time_that_passed_before_the_approval_is_told_once() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, _) = desk.ticket("DELETE FROM done").await?;
    let (open, _) = desk.ticket("DELETE FROM done").await?;
    sqlx::query("UPDATE ticket SET state = 'awaiting_approval', due_at = NULL, when_asked = ? WHERE id = ?")
        .bind(When::At(now() - TimeDelta::hours(1)).to_string())
        .bind(ticket.0)
        .execute(&desk.pool)
        .await?;
    sqlx::query("UPDATE ticket SET state = 'awaiting_approval', due_at = NULL, when_asked = ? WHERE id = ?")
        .bind(When::At(now() + TimeDelta::hours(1)).to_string())
        .bind(open.0)
        .execute(&desk.pool)
        .await?;
    assert_eq!(reconcile::lapse(&desk.pool, now()).await?, [ticket], "the other one has time");
    assert!(reconcile::lapse(&desk.pool, now()).await?.is_empty(), "told once");
    assert!(desk.story(ticket).await?.contains("TimePassed"));
    Ok(())
}

#[tokio::test]
async fn control_starts_no_process_for_what_is_closed_and_says_what_it_waits_for() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let id = freeze_all(&desk, None).await?;
    let mut dispatcher = Dispatcher::new(desk.pool.clone(), "here".into(), 4, desk::admission(4));
    let launched: Arc<Mutex<Vec<TaskId>>> = Arc::default();
    let seen = Arc::clone(&launched);
    let launch = move |task| {
        seen.lock().unwrap().push(task);
        Ok(())
    };
    let round = dispatcher.round(&[task], now(), &launch).await?;
    assert!(launched.lock().unwrap().is_empty());
    assert_eq!(reconcile::waits(&desk.pool, &round.waiting.unwrap(), now()).await?, [ticket]);
    insta::assert_snapshot!("waits_for_a_freeze", desk.story(ticket).await?);
    thaw(&desk, id).await?;
    let mut again = Dispatcher::new(desk.pool.clone(), "here".into(), 4, desk::admission(4));
    again.round(&[task], now(), &launch).await?;
    assert_eq!(*launched.lock().unwrap(), [task]);
    Ok(())
}
