//! What one control starts of what it was offered, and in which order.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::Result;
use dbdesk_commands::id::TaskId;
use dbdesk_schedule::dispatch::Dispatcher;
use dbdesk_store::{
    run::{self, Claim, Claimant, Claimed, Write},
    task_line::Lines,
};
use dbdesk_ticket::machine::TaskEnd;
use desk::{Desk, admission, now};
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

const LEASE_MS: u64 = 30_000;

/// What was started, in this order.
#[derive(Clone, Default)]
struct Launched(Arc<Mutex<Vec<TaskId>>>);

impl Launched {
    fn launch(&self) -> impl Fn(TaskId) -> io::Result<()> + Send + Sync + 'static {
        let launched = self.clone();
        move |task| {
            launched.0.lock().unwrap().push(task);
            Ok(())
        }
    }

    fn all(&self) -> Vec<TaskId> {
        self.0.lock().unwrap().clone()
    }
}

async fn claim(desk: &Desk, task: TaskId) -> Result<Claimed> {
    let by = Claimant { host: "here".into(), boot_id: "this boot".into(), pid: 7, pid_start: 7 };
    match run::claim(&desk.pool, task, &by, LEASE_MS, &admission(100), now()).await? {
        Claim::Ours(claimed) => Ok(*claimed),
        other => anyhow::bail!("{task} could not be claimed: {other:?}"),
    }
}

#[tokio::test]
async fn no_more_is_started_than_there_is_room_for_and_the_rest_keeps_its_order() -> Result<()> {
    let desk = Desk::start().await?;
    let mut tasks = Vec::new();
    for _ in 0..5 {
        tasks.push(desk.ticket("DELETE FROM done").await?.1);
    }
    let launched = Launched::default();
    let launch = launched.launch();
    let mut dispatcher = Dispatcher::new(desk.pool.clone(), "here".into(), 3, admission(2));
    let mixed = [tasks[4], tasks[0], tasks[2], tasks[1], tasks[3], tasks[0]];
    assert_eq!(dispatcher.round(&mixed, now(), &launch).await?.room, 1);
    assert_eq!(launched.all(), tasks[..2], "the group has room for two");
    dispatcher.round(&tasks, now(), &launch).await?;
    assert_eq!(launched.all().len(), 2, "offered again, and still on their way");
    let first = claim(&desk, tasks[0]).await?;
    claim(&desk, tasks[1]).await?;
    dispatcher.round(&[], now(), &launch).await?;
    assert_eq!(launched.all().len(), 2, "both run now");
    let end = run::End { end: TaskEnd::Succeeded, cause: None, last: None };
    assert_eq!(
        run::write(&desk.pool, &first.lease, &Write::Ended { end, lines: Lines::default() }, now()).await?,
        run::Fence::Passed
    );
    dispatcher.round(&[], now(), &launch).await?;
    assert_eq!(launched.all(), tasks[..3], "one ended, the next one in order starts");
    Ok(())
}

#[tokio::test]
async fn a_thousand_tasks_of_one_group_keep_no_other_group_waiting() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, first) = desk.ticket("DELETE FROM done").await?;
    let (_, other) = desk.ticket("DELETE FROM done").await?;
    desk.store
        .sql(&format!(
            "USE desk; CREATE TEMPORARY TABLE copy SELECT * FROM task WHERE id = {}; \
             UPDATE task SET service_group_id = service_group_id + 1, due_at = due_at + INTERVAL 1 SECOND WHERE id = {}; \
             ALTER TABLE copy MODIFY id BIGINT NULL; UPDATE copy SET id = NULL; \
             INSERT INTO task SELECT copy.* FROM copy JOIN seq_1_to_1100",
            first.0, other.0
        ))
        .await?;
    let many: Vec<u64> =
        sqlx::query_scalar("SELECT id FROM task WHERE id <> ?").bind(other.0).fetch_all(&desk.pool).await?;
    let many: Vec<TaskId> = many.into_iter().map(TaskId).collect();
    let launched = Launched::default();
    let launch = launched.launch();
    let mut dispatcher = Dispatcher::new(desk.pool.clone(), "here".into(), 8, admission(1));
    for offered in many.chunks(64).chain([[other].as_slice()]) {
        dispatcher.round(offered, now(), &launch).await?;
    }
    assert_eq!(launched.all(), [first, other]);
    Ok(())
}

#[tokio::test]
async fn what_its_process_gave_back_keeps_its_place_and_is_not_started_at_once() -> Result<()> {
    let desk = Desk::start().await?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    let launched = Launched::default();
    let launch = launched.launch();
    let mut dispatcher = Dispatcher::new(desk.pool.clone(), "here".into(), 8, admission(8));
    dispatcher.round(&[task], now(), &launch).await?;
    // Its claim saw what this control did not; nobody offers it again.
    dispatcher.given_back(task);
    dispatcher.round(&[task], now(), &launch).await?;
    assert_eq!(launched.all(), [task], "not in a circle");
    let again = async {
        while launched.all().len() < 2 {
            dispatcher.round(&[], now(), &launch).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok::<_, anyhow::Error>(())
    };
    tokio::time::timeout(desk::LIMIT, again).await??;
    assert_eq!(launched.all(), [task, task]);
    Ok(())
}
