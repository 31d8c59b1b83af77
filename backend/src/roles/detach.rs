//! `dbdesk detach --task N`: starts `dbdesk-run` so that init becomes its parent, notes it in the task's row, and ends.

use super::machine::{self, Args};
use crate::config::Config;
use anyhow::{Context as _, Result};
use dbdesk_commands::point::{Point, Points};
use dbdesk_executor::detach::{self, Order};
use std::time::Duration;

/// The note may take so long. It is a convenience: the claim writes the same.
const NOTE_LIMIT: Duration = Duration::from_secs(2);

/// Starts it. Wants a `current_thread` runtime.
pub async fn run(args: Args, config: Config, points: &Points) -> Result<()> {
    let order = Order {
        program: machine::runner()?,
        args: args.file.arguments(None, "--task")?,
        task: args.task,
        host: machine::host(&config),
        state_dir: config.control.state_dir.clone(),
    };
    points.at(Point::DetachStarting);
    let by = detach::start(&order).with_context(|| format!("{} can not be started", args.task))?;
    points.at(Point::DetachStarted);
    let mut connect = config.store.connect();
    connect.max_connections = 1;
    let store = dbdesk_store::pool(&connect);
    let noted = tokio::time::timeout(NOTE_LIMIT, dbdesk_store::run::launched(&store, args.task, &by)).await;
    if let Ok(Err(error)) = noted {
        tracing::warn!(task = %args.task, %error, "the process runs, but could not be noted");
    }
    points.at(Point::DetachNoted);
    Ok(())
}
