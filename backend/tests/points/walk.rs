//! The engine: one death after the other on one desk, each with a control of its own that was told to die, or to have others die.

use crate::{
    audit,
    desk::{LIMIT, Wanted},
    parts::Engine,
    was_killed,
};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    point::{Passing, Point},
    wire::ticket::TicketState,
};
use dbdesk_ticket::task::Wish;
use lab::until;
use rustix::process::Signal;
use sqlx::{Connection as _, MySqlConnection};
use std::time::{Duration, Instant};

/// Statements of each ticket.
const TOTAL: u32 = 3;
/// No process is started ahead: `detach` starts each.
const COLD: (&str, &str) = ("DBDESK__CONTROL__WARM", "0");

/// What befalls a ticket while its second statement waits at the gate, so that somebody comes to the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Nothing,
    /// It waits there.
    Waits,
    /// Its process is killed: there is something to rescue.
    Killed,
    /// A person pauses it.
    Paused,
    /// A person pauses it, and then resumes it.
    Resumed,
    /// A person cancels it.
    Cancelled,
    /// The store does not take the answer, until the journal has it.
    Journaled,
    /// It is frozen until its ticket was ended in its place.
    Late,
}

/// A death, and where the ticket has to end after it with how many rows on the target; `None`: nobody can know.
#[derive(Clone, Copy)]
struct Story {
    die_at: &'static str,
    cold: bool,
    turn: Turn,
    ends: TicketState,
    rows: Option<u32>,
}

const fn story(die_at: &'static str, ends: TicketState, rows: u32) -> Story {
    Story { die_at, cold: false, turn: Turn::Nothing, ends, rows: Some(rows) }
}

const fn done(die_at: &'static str) -> Story {
    story(die_at, TicketState::Done, TOTAL)
}

const fn cold(story: Story) -> Story {
    Story { cold: true, ..story }
}

const fn after(turn: Turn, story: Story) -> Story {
    Story { turn, ..story }
}

const fn unknown(story: Story) -> Story {
    Story { rows: None, ..story }
}

/// Where a control dies, all goes on; where a launcher dies, too.
const CONTROL: &[Story] = &[
    done("control.rebuilding"),
    done("control.promoted"),
    done("control.offering"),
    done("control.offered"),
    done("control.taken"),
    done("control.launching"),
    done("control.launched"),
    cold(done("control.launched")),
    done("control.handed"),
    done("control.answering"),
    done("control.answering:3"),
    done("control.answering:4"),
    after(Turn::Killed, unknown(story("control.rescuing", TicketState::Lost, 0))),
    after(Turn::Killed, unknown(story("control.telling", TicketState::Lost, 0))),
    after(Turn::Late, story("control.forgetting", TicketState::Lost, 2)),
];

const DETACH: &[Story] =
    &[cold(done("detach.starting")), cold(done("detach.started")), cold(done("detach.noted"))];

/// Where the process of a task dies, the end says whether a statement was in flight.
const RUN: &[Story] = &[
    done("run.heard"),
    done("run.claiming"),
    story("run.claimed", TicketState::Failed, 0),
    story("run.noting", TicketState::Failed, 0),
    story("run.noting:2", TicketState::Failed, 1),
    story("run.noted", TicketState::Lost, 0),
    story("run.noted:3", TicketState::Lost, 2),
    // It is with the server, which does it.
    after(Turn::Waits, story("run.sent:2", TicketState::Lost, 2)),
    after(Turn::Cancelled, unknown(story("run.stopping", TicketState::Lost, 0))),
    story("run.answered", TicketState::Lost, 1),
    story("run.answered:3", TicketState::Lost, 3),
    // The journal tells what the store could not be told.
    after(Turn::Journaled, story("run.kept", TicketState::Failed, 2)),
    after(Turn::Journaled, story("run.forgetting:2", TicketState::Failed, 2)),
    story("run.written", TicketState::Failed, 1),
    after(Turn::Paused, story("run.paused", TicketState::Failed, 2)),
    after(Turn::Resumed, story("run.resumed", TicketState::Failed, 2)),
    // The last answer is written with the end.
    story("run.ending", TicketState::Lost, 3),
    done("run.ended"),
];

#[tokio::test]
async fn a_control_may_die_at_every_point_and_every_ticket_is_done_once() -> Result<()> {
    walk(CONTROL).await
}

#[tokio::test]
async fn a_launcher_may_die_at_every_point_and_every_ticket_is_done_once() -> Result<()> {
    walk(DETACH).await
}

#[tokio::test]
async fn the_process_of_a_task_may_die_at_every_point_and_its_ticket_says_what_is_known() -> Result<()> {
    walk(RUN).await
}

#[tokio::test]
async fn a_point_that_nobody_comes_to_is_told() -> Result<()> {
    let engine = Engine::start().await?;
    engine.desk.target.sql(audit::TABLE).await?;
    let told = one(&engine, done("bot.carded"), 0, Duration::from_secs(3)).await;
    let error = format!("{:#}", told.err().context("the walk is blind")?);
    ensure!(error.contains("nothing died"), "{error}");
    Ok(())
}

impl Story {
    fn point(&self) -> Point {
        Passing::read(self.die_at).map(|passing| passing.at).unwrap()
    }

    /// Each statement appends a row; nothing keeps a second one out. The second waits at its gate, if there is one.
    fn sql(&self, number: u32) -> String {
        let row = |index: u32| match (self.turn, index) {
            (Turn::Nothing, _) | (_, 0 | 2..) => format!("INSERT INTO ran VALUES ({number}, {index})"),
            (_, 1) => format!("INSERT INTO ran VALUES ({number}, 1 + 0 * GET_LOCK('{}', 300))", gate(number)),
        };
        (0..TOTAL).map(row).collect::<Vec<_>>().join("; ")
    }
}

fn gate(number: u32) -> String {
    format!("gate {number}")
}

/// The points that are walked here.
pub fn points() -> impl Iterator<Item = Point> {
    [CONTROL, DETACH, RUN].into_iter().flatten().map(Story::point)
}

async fn walk(stories: &[Story]) -> Result<()> {
    let engine = Engine::start().await?;
    engine.desk.target.sql(audit::TABLE).await?;
    for (number, story) in (0..).zip(stories) {
        let started = Instant::now();
        one(&engine, *story, number, LIMIT).await.with_context(|| format!("death at {}", story.die_at))?;
        println!("{}: {} ms", story.die_at, started.elapsed().as_millis());
    }
    println!("{}", audit::audit(&engine, &[&engine.desk.target]).await?);
    Ok(())
}

async fn one(engine: &Engine, story: Story, number: u32, limit: Duration) -> Result<()> {
    let word = format!("Dies at {}", story.point());
    let before = engine.log().matches(&word).count();
    let told = [("DBDESK_DIE_AT", story.die_at), COLD];
    let mut control = engine.control_told(if story.cold { &told } else { &told[..1] })?;
    let mut holder = MySqlConnection::connect(&engine.desk.target.url("shop")).await?;
    let lock = sqlx::query_scalar("SELECT GET_LOCK(?, 0)").bind(gate(number));
    ensure!(lock.fetch_one(&mut holder).await.map(|got: i64| got == 1)?, "the gate is not ours");
    let sql = story.sql(number);
    let wanted = Wanted { sql: &sql, due_in: TimeDelta::milliseconds(200), ..Wanted::default() };
    let (ticket, task) = engine.desk.wanted(&wanted).await?;
    let mut closed = None;
    if story.turn != Turn::Nothing {
        engine.desk.runs_on_target(&gate(number)).await?;
        closed = turn(engine, story.turn, (ticket, task), holder).await?;
    }
    until(&word, limit, || async {
        ensure!(engine.log().matches(&word).count() > before, "nothing died: {}", engine.log());
        Ok(())
    })
    .await?;
    if story.point().role() == "control" {
        was_killed(&mut control).await?;
    }
    drop(closed);
    control.kill()?;
    let _control = engine.control()?;
    engine.reaches(ticket, story.ends).await?;
    check(engine, story, ticket, number).await
}

/// What happens at the gate; given back, it is closed still.
async fn turn(
    engine: &Engine,
    turn: Turn,
    (ticket, task): (TicketId, TaskId),
    gate: MySqlConnection,
) -> Result<Option<MySqlConnection>> {
    let desk = &engine.desk;
    match turn {
        Turn::Nothing | Turn::Waits => return Ok(Some(gate)),
        Turn::Killed => {
            engine.worker(task).await?.signal(Signal::KILL)?;
            return Ok(Some(gate));
        }
        Turn::Paused => {
            desk.wish(task, Wish::Pause).await?;
            gate.close().await?;
        }
        Turn::Resumed => {
            desk.wish(task, Wish::Pause).await?;
            gate.close().await?;
            engine.reaches(ticket, TicketState::Paused).await?;
            desk.wish(task, Wish::Go).await?;
        }
        Turn::Cancelled => {
            desk.wish(task, Wish::Cancel).await?;
            return Ok(Some(gate));
        }
        Turn::Journaled => {
            let mut held = desk.pool.begin().await?;
            sqlx::query("SELECT id FROM task WHERE id = ? FOR UPDATE")
                .bind(task.0)
                .execute(&mut *held)
                .await?;
            gate.close().await?;
            let journal = engine.folder.path().join(format!("state/tasks/{task}.1.known"));
            until("the journal to have the answer", LIMIT, || async {
                ensure!(journal.exists(), "there is no {}", journal.display());
                Ok(())
            })
            .await?;
            held.rollback().await?;
        }
        Turn::Late => {
            let worker = engine.worker(task).await?;
            worker.signal(Signal::STOP)?;
            engine.ended_elsewhere(ticket).await?;
            engine.reaches(ticket, TicketState::Lost).await?;
            gate.close().await?;
            worker.signal(Signal::CONT)?;
        }
    }
    Ok(None)
}

/// What the audit can not know: which end it has to be, and what the log tells.
async fn check(engine: &Engine, story: Story, ticket: TicketId, number: u32) -> Result<()> {
    if let Some(wanted) = story.rows {
        let count = format!("SELECT COUNT(*) FROM shop.ran WHERE ticket = {number}");
        until("the target to have done what it was sent", LIMIT, || async {
            let rows: u32 = engine.desk.target.sql(&count).await?.trim().parse()?;
            ensure!(rows == wanted, "{rows} rows: {}", engine.desk.story(ticket).await?);
            Ok(())
        })
        .await?;
    }
    let log = engine.desk.story(ticket).await?;
    let tasks: Vec<(u32, u64)> = sqlx::query_as("SELECT done, epoch FROM task WHERE ticket_id = ?")
        .bind(ticket.0)
        .fetch_all(&engine.desk.pool)
        .await?;
    let [(done, 1)] = tasks[..] else { anyhow::bail!("not one task, claimed once: {tasks:?}: {log}") };
    ensure!(log.matches("started, epoch").count() == 1, "{log}");
    ensure!(log.matches(" done, ").count() == done as usize, "not {done} are told: {log}");
    // What came late was not known at the end.
    let known = if story.turn == Turn::Late { done - 1 } else { done };
    let end = format!("{} {known}/{TOTAL} ", story.ends.word());
    ensure!(log.lines().filter(|line| line.starts_with(&end)).count() == 1, "not one “{end}”: {log}");
    Ok(())
}
