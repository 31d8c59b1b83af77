//! In closed time nothing starts, and it is the claim that says so.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use dbdesk_cmdb::calendar::Freeze;
use dbdesk_commands::{
    id::{FreezeId, PersonId, TaskId},
    wire::waits::Waits,
};
use dbdesk_store::{
    freeze,
    run::{self, Admission, Claim, Claimant},
    task,
};
use dbdesk_ticket::{admission::Limits, exclusion::Exclusion};
use desk::{Desk, now};

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
