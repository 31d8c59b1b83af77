//! A ticket on tables of several service groups: one thread, one message of how far it is, the log of the lane that failed.

use crate::stage::{Stage, eventually};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        entry::{Cause, Event, LaneOpened},
        live::Progress,
        task::TaskState,
        ticket::{Share, TicketState},
    },
};
use discord_sim::Place;

const SQL: &str = "UPDATE orders SET a = 1 WHERE id = 7;\n";
const TOTAL: u32 = 512;

/// The first of its tasks is `K-1`, as everywhere on this stage; these are those of two groups.
const ONE: u64 = 8;
const TWO: u64 = 9;

fn began(index: u32) -> Event {
    Event::StatementStarted { index, total: TOTAL, kept: false }
}

fn done(index: u32) -> Event {
    Event::StatementDone { index, total: TOTAL, affected_rows: 0, elapsed_ms: 12, warnings: Vec::new() }
}

fn started() -> Event {
    Event::Started { host: "db-exec-1".into(), pid: 4711, epoch: 1 }
}

fn has(stage: &Stage, ticket: TicketId, done: u32) {
    let share = |group: &str, done, state| Share {
        service_group: group.into(),
        done,
        total: 256,
        state: Some(state),
        waits: None,
    };
    let mut world = stage.double.world();
    let (view, _) = world.tickets.get_mut(&ticket.0).unwrap();
    view.shares = vec![share("shop-1", done, TaskState::Running), share("shop-2", 1, TaskState::Failed)];
}

fn opens(stage: &Stage, ticket: TicketId) {
    let lanes = ["shop-1", "shop-2"].map(|group| LaneOpened { group: group.into(), statements: 255 });
    does(stage, ticket, 1, [started(), began(0), done(0), Event::LanesOpened { lanes: lanes.into() }]);
}

fn does(stage: &Stage, ticket: TicketId, task: u64, events: impl IntoIterator<Item = Event>) {
    for event in events {
        stage.double.does(ticket, TicketState::Running, TaskId(task), event);
    }
}

fn count(thread: &Place, text: &str) -> usize {
    thread.transcript().matches(text).count()
}

#[tokio::test]
async fn lanes_that_interleave_are_told_once_each_also_over_a_restart_of_the_bot_between_them() {
    let mut stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket().id;
    let thread = stage.sim.thread_of(&card);
    has(&stage, ticket, 1);
    opens(&stage, ticket);
    does(&stage, ticket, ONE, [started(), began(1)]);
    does(&stage, ticket, TWO, [started(), began(300)]);
    eventually("both to be told as running", || {
        let text = thread.transcript();
        text.contains("Statements 2, 301 of 512 are running")
            || (text.contains("Statement 2 of 512 is running")
                && text.contains("Statement 301 of 512 is running"))
    })
    .await;
    stage.kill_bot().await;
    does(&stage, ticket, ONE, [done(1), began(2)]);
    does(&stage, ticket, TWO, [done(300)]);
    stage.start_bot().await;
    thread.wait_for("Statement 301 of 512:").await.unwrap();
    does(&stage, ticket, ONE, [done(2)]);
    thread.wait_for("Statement 3 of 512:").await.unwrap();
    for (text, times) in [
        ("Started", 1),
        ("The first is done", 1),
        ("Statement 1 of 512:", 1),
        ("Statement 2 of 512:", 1),
        ("Statement 3 of 512:", 1),
        ("Statement 301 of 512:", 1),
    ] {
        assert_eq!(count(&thread, text), times, "{text}: {}", thread.transcript());
    }
    stage.ends_well(&[]);
}

#[tokio::test]
async fn one_message_shows_the_first_lane_and_how_far_each_group_is() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket().id;
    let thread = stage.sim.thread_of(&card);
    has(&stage, ticket, 1);
    opens(&stage, ticket);
    thread.wait_for("The first is done").await.unwrap();
    let progress = Progress {
        index: 1,
        total: TOTAL,
        elapsed_ms: 1_000,
        stage: "copy to tmp table".into(),
        permille: Some(200),
        rows: None,
        blocker: None,
        online: None,
        script: None,
    };
    stage.double.is_at(ticket, progress.clone());
    let shown = thread.wait_for("20.0 %").await.unwrap().to_string();
    assert!(shown.contains("`shop-1`: 1 of 256") && shown.contains("`shop-2`: 1 of 256"), "{shown}");
    let before = thread.messages().len();
    // Another lane went on; the first did not.
    has(&stage, ticket, 77);
    stage.double.is_at(ticket, progress);
    thread.wait_for("`shop-1`: 77 of 256").await.unwrap();
    assert_eq!(thread.messages().len(), before, "{}", thread.transcript());
    stage.ends_well(&[]);
}

#[tokio::test]
async fn the_log_of_the_lane_that_failed_is_a_file_beside_its_end_and_is_there_once() {
    let stage = Stage::set().await;
    let card = stage.filed(SQL).await;
    let ticket = stage.double.ticket().id;
    let thread = stage.sim.thread_of(&card);
    let lines: Vec<String> = (1..=70).map(|n| format!("line {n} of the log")).collect();
    stage.double.world().lines.extend([(ONE, lines.clone()), (TWO, lines)]);
    has(&stage, ticket, 1);
    opens(&stage, ticket);
    let ended = |group: &str, state, cause| Event::LaneEnded {
        group: group.into(),
        state,
        done: 3,
        total: 255,
        cause: Some(cause),
    };
    does(&stage, ticket, TWO, [ended("shop-2", TicketState::Failed, Cause::Statement)]);
    does(&stage, ticket, ONE, [ended("shop-1", TicketState::Cancelled, Cause::OtherLane)]);
    let end = Event::Ended { state: TicketState::Failed, done: 7, total: TOTAL, cause: Some(Cause::Lanes) };
    stage.double.does(ticket, TicketState::Failed, TaskId(TWO), end);
    thread.wait_for("Failed").await.unwrap();
    let files: Vec<_> = thread.messages().into_iter().flat_map(|message| message.files).collect();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["K-9.log"], "{}", thread.transcript());
    stage.ends_well(&[]);
}
