//! Death at every point between two writes, or between a write and a message. What died is started again, as a supervisor would;
//! then the ticket has come to an end, nothing ran twice, and its log says what the target says.

#[path = "../parts/audit.rs"]
mod audit;
#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;
mod fence;
#[path = "../parts/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod parts;
mod serve;
mod walk;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{id::TicketId, point::Point};
use dbdesk_schedule::reconcile::{self, Machine};
use lab::{Process, until};
use parts::Engine;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt as _;

#[test]
fn no_point_is_left_out() {
    let walked: Vec<Point> = walk::points().chain(serve::POINTS).collect();
    // The bot's are walked in fixtures/e2e/tests/points.rs.
    let ours = Point::ALL.iter().filter(|point| point.role() != "bot");
    let left: Vec<_> = ours.filter(|point| !walked.contains(point)).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Waits until it has killed itself.
async fn was_killed(process: &mut Process) -> Result<()> {
    until("it to be dead", desk::LIMIT, || {
        let ended = process.exited();
        async move {
            let ended = ended?.context("it lives")?;
            ensure!(ended.signal() == Some(Signal::KILL.as_raw()), "{ended}");
            Ok(())
        }
    })
    .await
}

/// A control of another machine ends the only ticket at work, as after half a minute of silence.
async fn ended_elsewhere(engine: &Engine, ticket: TicketId) -> Result<()> {
    sqlx::query("UPDATE task SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE ticket_id = ?")
        .bind(ticket.0)
        .execute(&engine.desk.pool)
        .await?;
    let elsewhere = Machine {
        host: "elsewhere",
        gone: &|_| false,
        known: &|_| None,
        seen: &|_| Box::pin(std::future::ready(None)),
    };
    let rescued = reconcile::rescue(&engine.desk.pool, &elsewhere, || true, desk::now()).await?;
    ensure!(rescued.ended == [ticket], "{rescued:?}");
    Ok(())
}
