//! `dbdesk run --task N`: claims one task and does its work.

use super::machine::{self, Args};
use crate::config::Config;
use anyhow::Result;
use dbdesk_executor::{
    detach::leave_session,
    process,
    run::{self, Account, Outcome, Settings},
};
use dbdesk_schedule::{Redis, Waker};
use std::{sync::Arc, time::Duration};

/// This process needs one connection beside its heartbeat's, and hundreds of them run at once.
const CONNECTIONS: u32 = 1;
/// The last hint may take so long to be sent.
const HINT_LIMIT: Duration = Duration::from_millis(500);

/// Does it. Wants a `current_thread` runtime.
pub async fn run(args: Args, config: Config) -> Result<()> {
    leave_session();
    let stop = machine::stop()?;
    let waker = Waker::start(&Redis::new(config.redis.client()?)?);
    let mut store = config.store.connect();
    store.max_connections = CONNECTIONS;
    let targets = config.target.clone();
    let account = Arc::new(move |group: &str| {
        let account = targets.run_account(group);
        Account { user: account.user, password: account.password.expose().to_owned() }
    });
    let settings = Settings {
        connect_ms: config.target.connect_timeout_ms,
        ..Settings::usual(store, account, config.control.admission()?, config.control.state_dir.clone())
    };
    let by = process::claimant(&machine::host(&config), std::process::id())?;
    let outcome = run::run(args.task, by, settings, machine::clock(), stop, Arc::new(waker.hand())).await?;
    match outcome {
        Outcome::Waits(waits) => tracing::info!(task = %args.task, ?waits, "it has to wait"),
        Outcome::NotOurs => tracing::debug!(task = %args.task, "nothing to do"),
        Outcome::Ended(end) => tracing::info!(task = %args.task, ?end, "ended"),
        Outcome::Halted(halt) => {
            tracing::error!(task = %args.task, %halt, "stopped without an end of its own");
        }
    }
    waker.finish(HINT_LIMIT).await;
    Ok(())
}
