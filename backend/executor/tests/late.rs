//! What a control writes that stood still meanwhile: nothing that is not so any more, and nothing twice.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    id::TaskId,
    wire::{cut_over::CutOver, entry::Event, task::TaskState, ticket::TicketState},
};
use dbdesk_store::{
    begin, cut_over,
    run::{self, Claim, Claimant, Claimed, Fence, Write},
};
use dbdesk_ticket::task::Wish;
use desk::{Desk, admission, now};
use lab::{MariaDb, MySql};

async fn claim(desk: &Desk, task: TaskId, at: Time) -> Result<Claim> {
    let by = Claimant { host: "here".into(), boot_id: "this boot".into(), pid: 7, pid_start: 7 };
    Ok(run::claim(&desk.pool, task, &by, 30_000, &admission(100), at).await?)
}

async fn claimed(desk: &Desk, task: TaskId) -> Result<Box<Claimed>> {
    match claim(desk, task, now()).await? {
        Claim::Ours(claimed) => Ok(claimed),
        other => anyhow::bail!("{task} could not be claimed: {other:?}"),
    }
}

#[tokio::test]
async fn a_pause_that_was_taken_back_or_a_statement_that_was_sent_is_not_made_a_pause() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let lease = claimed(&desk, task).await?.lease;
    let write = async |write: &Write| run::write(&desk.pool, &lease, write, now()).await;
    assert_eq!(write(&Write::Paused).await?, Fence::Asked, "nobody wants it");
    desk.wish(task, Wish::Pause).await?;
    assert_eq!(write(&Write::Paused).await?, Fence::Passed);
    assert_eq!(write(&Write::Paused).await?, Fence::Passed, "the answer to the commit was lost");
    assert_eq!(write(&Write::Resumed).await?, Fence::Asked, "it is to hold still");
    desk.wish(task, Wish::Go).await?;
    assert_eq!(write(&Write::Resumed).await?, Fence::Passed);
    let sending = Write::Sending {
        index: 0,
        total: 1,
        instance: "db:1".into(),
        connection: 7,
        kept: false,
        what: None,
    };
    assert_eq!(write(&sending).await?, Fence::Passed);
    desk.wish(task, Wish::Pause).await?;
    assert_eq!(write(&Write::Paused).await?, Fence::Asked, "a statement runs");
    assert_eq!(desk.task(task).await?.state, TaskState::Running);
    assert_eq!(desk.state(ticket).await?, TicketState::Running);
    Ok(())
}

#[tokio::test]
async fn a_cut_over_that_is_held_does_not_begin_and_one_that_has_begun_is_not_held() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket("ALTER TABLE done ADD a INT; ALTER TABLE done ADD b INT").await?;
    let ask = async |when: CutOver| {
        let mut tx = begin(&desk.pool).await?;
        let heard = cut_over::ask(&mut tx, task, when).await?;
        tx.commit().await?;
        anyhow::Ok(heard)
    };
    assert!(ask(CutOver::Hold).await?, "before it starts");
    let lease = claimed(&desk, task).await?.lease;
    let write = async |write: &Write| run::write(&desk.pool, &lease, write, now()).await;
    let sending = |index| Write::Sending {
        index,
        total: 2,
        instance: "db:1".into(),
        connection: 7,
        kept: false,
        what: None,
    };
    let cuts_over = |index, heard| Write::CutsOver { index, heard };
    let let_go = cuts_over(0, Some(CutOver::Now));
    assert_eq!(write(&sending(0)).await?, Fence::Passed);
    assert_eq!(write(&cuts_over(0, None)).await?, Fence::Asked, "it is held");
    assert!(ask(CutOver::Now).await?);
    desk.wish(task, Wish::Pause).await?;
    assert_eq!(write(&let_go).await?, Fence::Asked, "it is to hold still");
    desk.wish(task, Wish::Go).await?;
    assert_eq!(write(&let_go).await?, Fence::Passed);
    assert_eq!(write(&let_go).await?, Fence::Passed, "the answer to the commit was lost");
    assert!(!ask(CutOver::Hold).await?, "it is too late");
    let event =
        Event::StatementDone { index: 0, total: 2, affected_rows: 0, elapsed_ms: 1, warnings: Vec::new() };
    assert_eq!(write(&Write::Ran { index: 0, event }).await?, Fence::Passed);
    assert_eq!(write(&sending(1)).await?, Fence::Passed);
    let row = desk.task(task).await?;
    assert_eq!((row.cut_over, row.cuts_over), (None, false), "what was said was of the first");
    assert_eq!(write(&cuts_over(0, None)).await?, Fence::Closed, "another statement runs");
    assert!(ask(CutOver::Quiet).await?);
    assert_eq!(write(&cuts_over(1, None)).await?, Fence::Asked, "its process has not heard of the window");
    assert_eq!(
        write(&cuts_over(1, Some(CutOver::Quiet))).await?,
        Fence::Passed,
        "it has looked at the window"
    );
    Ok(())
}

#[tokio::test]
async fn what_was_told_is_not_told_twice() -> Result<()> {
    told_once(&Desk::start().await?).await
}

#[tokio::test]
async fn what_was_told_is_not_told_twice_when_our_own_database_is_mysql() -> Result<()> {
    let (store, target) = tokio::try_join!(MySql::start(), MariaDb::start())?;
    told_once(&Desk::with(Box::new(store), Box::new(target)).await?).await
}

async fn told_once(desk: &Desk) -> Result<()> {
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    let lease = claimed(desk, task).await?.lease;
    let told =
        Write::Told(Event::TargetUnreachable { message: "connection refused".into(), limit_ms: 30_000 });
    let at = now();
    for at in [at, at, at + TimeDelta::seconds(30)] {
        assert_eq!(run::write(&desk.pool, &lease, &told, at).await?, Fence::Passed);
    }
    let times = desk.story(ticket).await?.matches("target unreachable").count();
    assert_eq!(times, 2, "the answer to the first commit was lost; the other is another one");
    Ok(())
}

#[tokio::test]
async fn nobody_is_given_work_that_he_asked_for_a_minute_ago() -> Result<()> {
    let desk = Desk::start().await?;
    let (ticket, task) = desk.ticket("DELETE FROM done").await?;
    assert_eq!(claim(&desk, task, now() - TimeDelta::minutes(1)).await?, Claim::NotOurs);
    assert_eq!(desk.task(task).await?.state, TaskState::Ready, "somebody else may have it");
    assert_eq!(desk.state(ticket).await?, TicketState::Scheduled);
    claimed(&desk, task).await?;
    Ok(())
}
