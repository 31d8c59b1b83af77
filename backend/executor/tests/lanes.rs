//! A ticket on tables of several service groups: the first alone, then a lane for each group.

#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        entry::{Cause, Event},
        task::TaskState,
        ticket::TicketState,
    },
};
use dbdesk_executor::{
    heartbeat::Rhythm,
    pen::Pen,
    process,
    run::{self as work, Account, Outcome, Settings},
};
use dbdesk_store::{
    begin, lanes, passed_over,
    run::{self, Claim, Claimant, End, Fence, Lease, Write},
    task::{self, TaskRow},
    task_line::Lines,
    ticket,
};
use dbdesk_ticket::{
    machine::TaskEnd,
    spread::{Shard, Spread},
    task::Wish,
};
use desk::{Desk, SHOP, Wanted, clock, now};
use lab::{MariaDb, Server};
use std::{path::Path, sync::Arc};
use tokio::sync::watch;

const QUICK: Rhythm =
    Rhythm { lease_ms: 3_000, renew_ms: 500, look_ms: 50, answer_ms: 1_000, proof_ms: 2_000 };

/// The shop on one server, and more of it on another.
struct Stage {
    desk: Desk,
    there: MariaDb,
    other: GroupId,
}

impl Stage {
    async fn start() -> Result<Self> {
        let (desk, there) = tokio::try_join!(Desk::start(), MariaDb::start())?;
        let other = desk::put(&desk.pool, "shop-2", there.port()).await?;
        there.sql("CREATE DATABASE shop").await?;
        for (server, tables) in [(&**desk.target, [0, 1, 2]), (&*there, [3, 4, 5])] {
            for table in tables {
                server.sql(&format!("CREATE TABLE shop.part_{table} (id INT PRIMARY KEY)")).await?;
            }
        }
        Ok(Self { desk, there, other })
    }

    /// A row for each of six tables, three here and three there.
    async fn ticket(&self, goes_on: bool) -> Result<(TicketId, TaskId)> {
        let sql: Vec<String> =
            (0..6).map(|table| format!("INSERT INTO shop.part_{table} VALUES (1)")).collect();
        let shard = |index: u32| Shard {
            group: if index < 3 { self.desk.group } else { self.other },
            database: SHOP.into(),
            statements: vec![index],
        };
        let spread = Some(Spread { shards: (0..6).map(shard).collect() });
        let sql = sql.join(";\n");
        let effect = dbdesk_store::revision::Effect { touches: None, ..Wanted::default().effect };
        self.desk.wanted(&Wanted { sql: &sql, spread, goes_on, effect, ..Wanted::default() }).await
    }

    fn settings(&self, state: &Path) -> Settings {
        let (here, there) = (self.desk.target.password().to_owned(), self.there.password().to_owned());
        let account = Arc::new(move |group: &str| Account {
            user: Server::USER.into(),
            password: if group == SHOP { here.clone() } else { there.clone() },
        });
        Settings {
            rhythm: QUICK,
            target_wait_ms: 1_000,
            connect_ms: 1_000,
            probe_ms: 200,
            ..Settings::usual(self.desk.connect.clone(), account, state.to_owned())
        }
    }

    /// Does the work of a task in this process.
    async fn works(&self, task: TaskId, state: &Path) -> Result<TaskEnd> {
        let settings = self.settings(state);
        let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
        let (_stop, stopped) = watch::channel(false);
        let by = process::claimant("here", std::process::id())?;
        match work::run(task, by, pen, settings, clock(), stopped).await? {
            Outcome::Ended(end) => Ok(end),
            other => anyhow::bail!("{other:?}"),
        }
    }

    async fn lanes(&self, lead: TaskId) -> Result<Vec<TaskRow>> {
        Ok(task::newest_lanes(&self.desk.pool, lead).await?)
    }

    /// Takes a lane as a process would.
    async fn claims(&self, task: TaskId, pid: u32) -> Result<Lease> {
        let by = Claimant { pid, ..process::claimant("here", std::process::id())? };
        match run::claim(&self.desk.pool, task, &by, 60_000, &desk::admission(4), now()).await? {
            Claim::Ours(claimed) => Ok(claimed.lease),
            other => anyhow::bail!("{other:?}"),
        }
    }

    async fn writes(&self, lease: &Lease, write: Write) -> Result<()> {
        let fence = run::write(&self.desk.pool, lease, &write, now()).await?;
        ensure!(fence == Fence::Passed, "{fence:?} for {write:?}");
        Ok(())
    }

    async fn ends(&self, lease: &Lease, end: TaskEnd, cause: Option<Cause>) -> Result<()> {
        let end = End { end, cause, last: None };
        self.writes(lease, Write::Ended { end, lines: Lines::default() }).await
    }

    /// The first table is done, and the two lanes of all others are claimed.
    async fn both_work(&self, goes_on: bool) -> Result<(TicketId, TaskId, [Lease; 2])> {
        let (ticket, lead) = self.ticket(goes_on).await?;
        let first = self.claims(lead, 1).await?;
        self.ends(&first, TaskEnd::Succeeded, None).await?;
        let lanes = self.lanes(lead).await?;
        let [_, here, there] = lanes.as_slice() else { anyhow::bail!("{lanes:?}") };
        Ok((ticket, lead, [self.claims(here.id, 2).await?, self.claims(there.id, 3).await?]))
    }

    /// What is done where, as `0,1,2 3,4,5`.
    async fn filled(&self) -> Result<String> {
        let each = |tables: [u32; 3]| {
            let of = |table: u32| format!("(SELECT IF(COUNT(*), '{table}', NULL) FROM shop.part_{table})");
            format!("SELECT CONCAT_WS(',', {})", tables.map(of).join(", "))
        };
        let here = self.desk.target.sql(&each([0, 1, 2])).await?;
        Ok(format!("{here} {}", self.there.sql(&each([3, 4, 5])).await?))
    }
}

#[tokio::test]
async fn the_first_table_is_changed_alone_and_then_each_group_has_a_lane() -> Result<()> {
    let (stage, folder) = (Stage::start().await?, tempfile::tempdir()?);
    let (ticket, lead) = stage.ticket(false).await?;
    assert_eq!(stage.works(lead, folder.path()).await?, TaskEnd::Succeeded);
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running);
    assert_eq!(stage.filled().await?, "0 ");
    let lanes = stage.lanes(lead).await?;
    let todo: Vec<_> = lanes.iter().map(|lane| (lane.group, lane.todo.clone().unwrap_or_default())).collect();
    let (here, there) = (stage.desk.group, stage.other);
    assert_eq!(todo, [(here, vec![0]), (here, vec![1, 2]), (there, vec![3, 4, 5])]);
    for lane in &lanes[1..] {
        assert_eq!(stage.works(lane.id, folder.path()).await?, TaskEnd::Succeeded);
    }
    assert_eq!(stage.filled().await?, "0,1,2 3,4,5");
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Done);
    insta::assert_snapshot!(stage.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn where_one_lane_fails_the_others_stop_and_what_is_left_of_each_is_tried_again() -> Result<()> {
    let (stage, folder) = (Stage::start().await?, tempfile::tempdir()?);
    stage.there.sql("INSERT INTO shop.part_4 VALUES (1)").await?;
    let (ticket, lead) = stage.ticket(false).await?;
    assert_eq!(stage.works(lead, folder.path()).await?, TaskEnd::Succeeded);
    let lanes = stage.lanes(lead).await?;
    let here = stage.claims(lanes[1].id, 2).await?;
    assert_eq!(stage.works(lanes[2].id, folder.path()).await?, TaskEnd::Failed);
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running, "a lane still works");
    assert_eq!(stage.desk.task(here.task).await?.wish, Wish::Stop);
    let mut tx = begin(&stage.desk.pool).await?;
    assert!(!task::wish(&mut tx, lead, Wish::Go).await?, "a person does not let it go on");
    tx.commit().await?;
    stage.ends(&here, TaskEnd::Failed, Some(Cause::OtherLane)).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Failed);
    insta::assert_snapshot!(stage.desk.story(ticket).await?);

    stage.there.sql("DELETE FROM shop.part_4").await?;
    let again = stage.desk.again(ticket, lead).await?;
    let lanes = stage.lanes(again).await?;
    let todo: Vec<_> = lanes.iter().map(|lane| lane.todo.clone().unwrap_or_default()).collect();
    assert_eq!(todo, [vec![1, 2], vec![4, 5]], "all at once: the first table is done");
    for lane in lanes {
        assert_eq!(stage.works(lane.id, folder.path()).await?, TaskEnd::Succeeded);
    }
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Done);
    assert_eq!(stage.filled().await?, "0,1,2 3,4,5");
    Ok(())
}

#[tokio::test]
async fn where_it_is_to_go_on_the_failure_of_one_lane_is_the_others_nothing() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead, [here, there]) = stage.both_work(true).await?;
    stage.ends(&there, TaskEnd::Failed, Some(Cause::TargetDown)).await?;
    assert_eq!(stage.desk.task(here.task).await?.wish, Wish::Go);
    stage.ends(&here, TaskEnd::Succeeded, None).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Failed);
    let row = stage.desk.task(lead).await?;
    let left = passed_over::left(&stage.desk.pool, &row, row.done).await?;
    assert_eq!(left.todo, Some(vec![3, 4, 5]));
    Ok(())
}

#[tokio::test]
async fn a_ticket_holds_when_the_last_of_its_lanes_does_and_goes_on_with_the_first() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead, [here, there]) = stage.both_work(false).await?;
    stage.desk.wish(lead, Wish::Pause).await?;
    stage.writes(&here, Write::Paused).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running);
    stage.writes(&there, Write::Paused).await?;
    stage.writes(&there, Write::Paused).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Paused);
    stage.desk.wish(lead, Wish::Go).await?;
    stage.writes(&here, Write::Resumed).await?;
    stage.writes(&there, Write::Resumed).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running);
    stage.desk.wish(lead, Wish::Pause).await?;
    stage.writes(&here, Write::Paused).await?;
    stage.ends(&there, TaskEnd::Succeeded, None).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Paused, "what still goes has ended");
    let story = stage.desk.story(ticket).await?;
    assert_eq!(story.matches("Paused").count(), 2, "{story}");
    Ok(())
}

#[tokio::test]
async fn lanes_that_nobody_began_are_held_and_dropped_with_the_others() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead) = stage.ticket(false).await?;
    let first = stage.claims(lead, 1).await?;
    stage.ends(&first, TaskEnd::Succeeded, None).await?;
    // As a person does who pauses it now.
    let mut tx = begin(&stage.desk.pool).await?;
    let row = ticket::lock(&mut tx, ticket).await?.context("it is there")?;
    assert!(task::hold(&mut tx, lead).await? && !task::wish(&mut tx, lead, Wish::Pause).await?);
    lanes::changed(&mut tx, &row, lead, None, now()).await?;
    tx.commit().await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Paused);
    let mut tx = begin(&stage.desk.pool).await?;
    assert!(task::release(&mut tx, lead).await?);
    tx.commit().await?;
    let lane = stage.lanes(lead).await?[1].id;
    let here = stage.claims(lane, 2).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running, "with the first that begins");
    // And who cancels it.
    let mut tx = begin(&stage.desk.pool).await?;
    let row = ticket::lock(&mut tx, ticket).await?.context("it is there")?;
    assert!(
        task::drop_unclaimed(&mut tx, lead, now()).await? && task::wish(&mut tx, lead, Wish::Cancel).await?
    );
    lanes::changed(&mut tx, &row, lead, Some(Cause::Cancelled), now()).await?;
    tx.commit().await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running, "one of them has not heard it yet");
    stage.ends(&here, TaskEnd::Cancelled, Some(Cause::Cancelled)).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Cancelled);
    Ok(())
}

#[tokio::test]
async fn what_is_lost_in_one_lane_is_told_and_is_left_until_a_person_says_that_it_ran() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead, [here, there]) = stage.both_work(false).await?;
    let (instance, connection) = ("127.0.0.1:1".to_owned(), 7);
    stage
        .writes(&there, Write::Sending { index: 3, total: 6, instance, connection, kept: false, what: None })
        .await?;
    stage.ends(&there, TaskEnd::Lost, Some(Cause::ConnectionLost)).await?;
    stage.ends(&here, TaskEnd::Failed, Some(Cause::OtherLane)).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Lost);
    let left = |row: TaskRow, from: u32| {
        let pool = stage.desk.pool.clone();
        async move { passed_over::left(&pool, &row, from).await.map(|left| left.todo.unwrap_or_default()) }
    };
    let row = stage.desk.task(there.task).await?;
    assert_eq!(left(row.clone(), row.done).await?, [1, 2, 3, 4, 5]);
    assert_eq!(left(row, 4).await?, [1, 2, 4, 5], "as a person says that it ran");
    let mut tx = begin(&stage.desk.pool).await?;
    assert!(task::settle(&mut tx, there.task, task::Settled::Ran).await?);
    tx.commit().await?;
    let row = stage.desk.task(lead).await?;
    assert_eq!(left(row.clone(), row.done).await?, [1, 2, 4, 5]);
    Ok(())
}

#[tokio::test]
async fn a_lane_begins_late_though_the_approval_is_over_by_then() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead) = stage.ticket(false).await?;
    let first = stage.claims(lead, 1).await?;
    stage.ends(&first, TaskEnd::Succeeded, None).await?;
    let over = now() - TimeDelta::hours(1);
    sqlx::query("UPDATE ticket SET approval_expires_at = ? WHERE id = ?")
        .bind(over)
        .bind(ticket.0)
        .execute(&stage.desk.pool)
        .await?;
    for (pid, lane) in (2..).zip(&stage.lanes(lead).await?[1..]) {
        assert_eq!(lane.state, TaskState::Ready);
        stage.claims(lane.id, pid).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_may_run_twice_is_tried_again_by_itself_beside_the_others() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead) = stage.ticket(false).await?;
    sqlx::query("UPDATE task SET repeatable = 1").execute(&stage.desk.pool).await?;
    sqlx::query("UPDATE ticket_revision SET repeatable = 1").execute(&stage.desk.pool).await?;
    let first = stage.claims(lead, 1).await?;
    stage.ends(&first, TaskEnd::Succeeded, None).await?;
    let lanes = stage.lanes(lead).await?;
    let (here, there) = (stage.claims(lanes[1].id, 2).await?, stage.claims(lanes[2].id, 3).await?);
    stage
        .writes(
            &there,
            Write::Sending {
                index: 3,
                total: 6,
                instance: "a:1".into(),
                connection: 7,
                kept: false,
                what: None,
            },
        )
        .await?;
    let event =
        Event::StatementDone { index: 3, total: 6, affected_rows: 1, elapsed_ms: 1, warnings: Vec::new() };
    stage.writes(&there, Write::Ran { index: 3, event }).await?;
    stage.ends(&there, TaskEnd::Failed, Some(Cause::TargetDown)).await?;
    assert_eq!(stage.desk.task(here.task).await?.wish, Wish::Go, "nothing has failed for good");
    let again = stage.lanes(lead).await?;
    let todo: Vec<_> = again.iter().map(|lane| lane.todo.clone().unwrap_or_default()).collect();
    assert_eq!(todo, [vec![0], vec![1, 2], vec![4, 5]], "the one that failed is replaced");
    stage.ends(&here, TaskEnd::Succeeded, None).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running, "one is to be tried again");
    Ok(())
}

/// The first table's lane ends well though a person wanted something else while its last statement ran.
async fn first_ends_with(stage: &Stage, wish: Wish) -> Result<(TicketId, TaskId)> {
    let (ticket, lead) = stage.ticket(false).await?;
    let first = stage.claims(lead, 1).await?;
    let (instance, connection) = ("127.0.0.1:1".to_owned(), 7);
    stage
        .writes(&first, Write::Sending { index: 0, total: 6, instance, connection, kept: false, what: None })
        .await?;
    stage.desk.wish(lead, wish).await?;
    let event =
        Event::StatementDone { index: 0, total: 6, affected_rows: 1, elapsed_ms: 1, warnings: Vec::new() };
    stage.writes(&first, Write::Ran { index: 0, event }).await?;
    stage.ends(&first, TaskEnd::Succeeded, None).await?;
    Ok((ticket, lead))
}

#[tokio::test]
async fn who_pauses_the_first_table_keeps_the_others_from_beginning() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead) = first_ends_with(&stage, Wish::Pause).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Paused);
    let lanes = stage.lanes(lead).await?;
    assert!(lanes[1..].iter().all(|lane| lane.wish == Wish::Pause), "{lanes:?}");
    let mut tx = begin(&stage.desk.pool).await?;
    assert!(task::release(&mut tx, lead).await?);
    tx.commit().await?;
    stage.claims(lanes[1].id, 2).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Running);
    Ok(())
}

#[tokio::test]
async fn who_cancels_the_first_table_cancels_the_others_that_have_not_begun() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead) = first_ends_with(&stage, Wish::Cancel).await?;
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Cancelled);
    assert_eq!(stage.lanes(lead).await?.len(), 1, "none was opened");
    assert!(stage.desk.story(ticket).await?.ends_with("cancelled 1/6 Some(Cancelled)"));
    Ok(())
}

#[tokio::test]
async fn a_chunk_that_ran_in_one_lane_is_known_to_have_though_others_are_younger() -> Result<()> {
    let stage = Stage::start().await?;
    let (_, lead, [here, there]) = stage.both_work(false).await?;
    assert!(here.task < there.task);
    let (instance, connection) = ("127.0.0.1:1".to_owned(), 7);
    stage
        .writes(&here, Write::Sending { index: 1, total: 6, instance, connection, kept: true, what: None })
        .await?;
    sqlx::query(
        "INSERT INTO chunk (task_id, statement, ticket_id, moment, key_columns, end_key, upto, parts, chunks, row_count, next_upto, \
         next_parts, next_rows) VALUES (?, 1, ?, '1', '[\"id\"]', '[\"9\"]', '[\"3\"]', 3, 3, 30, '[\"4\"]', 4, 40)",
    )
    .bind(here.task.0)
    .bind(here.ticket.0)
    .execute(&stage.desk.pool)
    .await?;
    stage.ends(&here, TaskEnd::Lost, Some(Cause::ProcessGone)).await?;
    let mut tx = begin(&stage.desk.pool).await?;
    assert!(dbdesk_store::chunk::ran(&mut *tx, here.task, 1).await?);
    assert!(task::settle(&mut tx, here.task, task::Settled::ChunkRan).await?);
    tx.commit().await?;
    let row = stage.desk.task(lead).await?;
    let left = passed_over::left(&stage.desk.pool, &row, row.done).await?.todo.unwrap_or_default();
    assert_eq!(left, [1, 2, 3, 4, 5], "the rest of its chunks is to be made");
    Ok(())
}

#[tokio::test]
async fn a_lane_that_is_to_stop_is_not_tried_again_by_itself() -> Result<()> {
    let stage = Stage::start().await?;
    let (ticket, lead, [here, there]) = stage.both_work(false).await?;
    sqlx::query("UPDATE task SET repeatable = 1").execute(&stage.desk.pool).await?;
    stage.ends(&there, TaskEnd::Failed, Some(Cause::Statement)).await?;
    stage.ends(&here, TaskEnd::Failed, Some(Cause::TargetDown)).await?;
    assert_eq!(stage.lanes(lead).await?.len(), 3);
    assert_eq!(stage.desk.state(ticket).await?, TicketState::Failed);
    Ok(())
}

#[tokio::test]
async fn what_is_approved_anew_after_a_try_goes_on_with_what_no_task_has_run() -> Result<()> {
    let (desk, folder) = (Desk::start().await?, tempfile::tempdir()?);
    let sql = "INSERT INTO done (what) VALUES ('a'); INSERT INTO nowhere VALUES (1); INSERT INTO done (what) VALUES ('c')";
    let (ticket, task) = desk.ticket(sql).await?;
    let there = MariaDb::start().await?;
    let other = desk.group;
    let stage = Stage { desk, there, other };
    assert_eq!(stage.works(task, folder.path()).await?, TaskEnd::Failed);
    // His press of "try again" was not used in time, and a DBA approves the same revision.
    let mut tx = begin(&stage.desk.pool).await?;
    let new = task::NewTask {
        ticket,
        revision: 1,
        total: 3,
        due_at: now(),
        at: now(),
        is_offered: false,
        retry: None,
    };
    let again = task::insert(&mut tx, &new).await?;
    tx.commit().await?;
    assert_eq!(stage.desk.task(again).await?.done, 1, "the first statement ran");
    Ok(())
}
