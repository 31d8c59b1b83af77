//! Faults that a test asks for through the environment ([`dbdesk_commands::point`]); a release build does not read it.

use anyhow::{Result, anyhow};
use dbdesk_commands::point::{Fate, Point, Points};
use rustix::process::{Signal, getpid, kill_process};
use std::collections::BTreeMap;

/// What the environment asks for.
pub fn points(environment: &BTreeMap<String, String>) -> Result<Points> {
    Points::asked(environment, suffer).map_err(|problem| anyhow!(problem))
}

fn suffer(fate: Fate, point: Point) {
    tracing::error!("{fate:?} at {point}");
    let signal = match fate {
        Fate::Dies => Signal::KILL,
        Fate::Freezes => Signal::STOP,
    };
    // The kernel ends or stops all threads before this one comes back from the call.
    let _ = kill_process(getpid(), signal);
}
