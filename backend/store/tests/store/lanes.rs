//! Work on several service groups: what is seen of it from outside.

use crate::{at, shop};
use anyhow::{Context as _, Result, ensure};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::TaskId,
    wire::{
        live::Progress,
        task::{LaneView, TaskState},
        ticket::Share,
        waits::Waits,
    },
};
use dbdesk_store::{
    Pool, begin,
    group_history::Change,
    live,
    run::Lease,
    service_group, shares, task,
    task_line::{self, Lines},
    ticket::TicketRow,
};
use std::collections::{BTreeMap, BTreeSet};

/// A lane: its group, its state, its statements, how far it is, what runs.
async fn lane(
    pool: &Pool,
    row: &TicketRow,
    (group, state, todo): (u64, TaskState, &str),
    (done, in_flight): (u32, Option<u32>),
) -> Result<TaskId> {
    let made = sqlx::query(
        "INSERT INTO task (ticket_id, revision, service_group_id, state, due_at, created_at, total, lane_of, todo, done, in_flight, epoch) \
         VALUES (?, 1, ?, ?, ?, ?, 6, ?, ?, ?, ?, 1)",
    )
    .bind(row.id.0)
    .bind(group)
    .bind(state.word())
    .bind(at())
    .bind(at())
    .bind(row.now.task.map(|task| task.0))
    .bind(todo)
    .bind(done)
    .bind(in_flight)
    .execute(pool)
    .await?;
    Ok(TaskId(made.last_insert_id()))
}

async fn second_group(pool: &Pool) -> Result<u64> {
    let mut tx = begin(pool).await?;
    let group = ServiceGroup {
        name: "shop-2".to_owned(),
        databases: vec!["shop_2".to_owned()],
        instances: vec![],
        ..shop()
    };
    service_group::put(&mut tx, &group, &Change::first("a test"), at()).await?;
    tx.commit().await?;
    Ok(service_group::by_name(pool, "shop-2").await?.context("shop-2")?.id.0)
}

async fn says(pool: &Pool, row: &TicketRow, task: TaskId, index: u32) -> Result<Progress> {
    let progress = Progress {
        index,
        total: 6,
        elapsed_ms: 1_000,
        stage: "copy to tmp table".into(),
        permille: None,
        rows: None,
        blocker: None,
        online: None,
        script: None,
    };
    live::put(pool, &Lease { task, ticket: row.id, epoch: 1 }, &progress).await?;
    Ok(progress)
}

fn share(group: &str, done: u32, state: TaskState, waits: Option<Waits>) -> Share {
    Share { service_group: group.to_owned(), done, total: 3, state: Some(state), waits }
}

/// The ticket's first table is done; then both groups work.
pub async fn are_seen(pool: &Pool, row: &TicketRow) -> Result<()> {
    let first = row.now.task.context("a task")?;
    let (one, two) = (row.group.0, second_group(pool).await?);
    let shard = |group: u64, statements: [u32; 3]| {
        format!(r#"{{"group":{group},"database":"shop","statements":{statements:?}}}"#)
    };
    let shards = [shard(one, [0, 1, 2]), shard(two, [3, 4, 5])].join(",");
    sqlx::query("UPDATE ticket_revision SET spread = ? WHERE ticket_id = ?")
        .bind(format!(r#"{{"lanes_per_group":1,"shards":[{shards}]}}"#))
        .bind(row.id.0)
        .execute(pool)
        .await?;
    sqlx::query(
        "UPDATE task SET state = 'succeeded', todo = '[0]', done = 1, total = 6, lane_of = id WHERE id = ?",
    )
    .bind(first.0)
    .execute(pool)
    .await?;
    let a = lane(pool, row, (one, TaskState::Running, "[1,2]"), (2, Some(2))).await?;
    let b = lane(pool, row, (two, TaskState::Running, "[3,4,5]"), (5, Some(5))).await?;
    sqlx::query("INSERT INTO passed_over (task_id, statement) VALUES (?, 3)").bind(b.0).execute(pool).await?;
    let (of_a, of_b) = (says(pool, row, a, 2).await?, says(pool, row, b, 5).await?);

    let page = live::page(pool, 10).await?;
    ensure!(page.len() == 1 && page[0].task == a && page[0].progress == of_a, "one of a ticket: {page:?}");
    let running = [share("shop", 2, TaskState::Running, None), share("shop-2", 1, TaskState::Running, None)];
    ensure!(page[0].shares == running, "what was passed over did not run: {page:?}");
    ensure!(live::of_ticket(pool, row.id).await? == [(a, of_a), (b, of_b)], "both are told");
    ensure!(task::run(pool, first).await? == [first, a, b], "all lanes are of the run");

    let group = service_group::by_name(pool, "shop-2").await?.map(|group| group.id);
    let lines = task::page(pool, &task::Filter { group, limit: 50, ..Default::default() }).await?;
    ensure!(lines.len() == 1 && lines[0].service_group == "shop-2" && lines[0].task.id == b, "{lines:?}");
    ensure!(lines[0].task.lane == Some(LaneView { of: first, done: 2, total: 3 }), "{lines:?}");
    ensure!(task::line(pool, b).await?.as_ref() == lines.first(), "as in the list");
    said(pool, (a, b)).await?;

    // The second is tried again by itself and has to wait; the first is lost.
    sqlx::query("UPDATE task SET state = 'failed', in_flight = NULL WHERE id = ?")
        .bind(b.0)
        .execute(pool)
        .await?;
    sqlx::query("UPDATE task SET state = 'lost' WHERE id = ?").bind(a.0).execute(pool).await?;
    let again = lane(pool, row, (two, TaskState::Ready, "[3,5]"), (3, None)).await?;
    sqlx::query("UPDATE task SET retry_of = ?, waits = ? WHERE id = ?")
        .bind(b.0)
        .bind(r#"{"for":"room"}"#)
        .bind(again.0)
        .execute(pool)
        .await?;
    let ids = BTreeSet::from([row.id]);
    let all = shares::of(pool, &ids).await?;
    let wanted = vec![
        share("shop", 2, TaskState::Lost, None),
        share("shop-2", 1, TaskState::Ready, Some(Waits::Room)),
    ];
    ensure!(all.get(&row.id) == Some(&wanted), "{all:?}");
    ensure!(live::page(pool, 10).await?.is_empty(), "nothing runs");
    Ok(())
}

async fn said(pool: &Pool, (a, b): (TaskId, TaskId)) -> Result<()> {
    let lines =
        |text: &str| Lines { before: 0, lines: (1..=3).map(|n| (at(), format!("{text}{n}"))).collect() };
    task_line::add(pool, a, &lines("a")).await?;
    task_line::add(pool, b, &lines("b")).await?;
    let after = BTreeMap::from([(a, 2), (b, 0)]);
    let text = |lines: Vec<(TaskId, dbdesk_commands::wire::queue::LogLine)>| {
        lines.into_iter().map(|(task, line)| format!("{task} {}", line.text)).collect::<Vec<_>>()
    };
    let read = text(task_line::of_each(pool, &after, 3).await?);
    ensure!(read == [format!("{a} a3"), format!("{b} b1"), format!("{b} b2")], "{read:?}");
    ensure!(task_line::of_each(pool, &BTreeMap::new(), 3).await?.is_empty(), "of none, none");
    Ok(())
}
