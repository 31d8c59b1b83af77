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
use dbdesk_commands::point::Point;
use lab::{Process, until};
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
