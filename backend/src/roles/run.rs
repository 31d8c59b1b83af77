//! `dbdesk run --task N`: claims one task and does its work. `dbdesk run --wait`: the same, for the task whose number it is told
//! ([`dbdesk_executor::warm`]).

use super::machine;
use crate::config::Config;
use anyhow::{Context as _, Result};
use dbdesk_commands::id::{TaskId, TicketId};
use dbdesk_executor::{
    detach::{self, leave_session},
    process,
    run::{self, Account, Notify, Outcome, Settings},
    warm::greeting,
};
use dbdesk_schedule::{Redis, Waker};
use std::{
    ffi::CString,
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// This process needs one connection beside its heartbeat's, and hundreds of them run at once.
const CONNECTIONS: u32 = 1;
/// The last hint may take so long to be sent.
const HINT_LIMIT: Duration = Duration::from_millis(500);
/// Connecting ahead may take so long; while the store is away, the claim tries again.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// Does it, or waits for the number where none is given. Wants a `current_thread` runtime.
pub async fn run(task: Option<TaskId>, config: Config) -> Result<()> {
    leave_session();
    let settings = settings(&config)?;
    let by = process::claimant(&machine::host(&config), std::process::id())?;
    let waker = Waker::start(&Redis::new(config.redis.client()?)?);
    let waited = task.is_none();
    let (task, notify): (_, Notify) = match task {
        Some(task) => (task, Arc::new(waker.hand())),
        None => match wait(&settings).await? {
            Some(task) => (task, told(waker.hand())),
            None => return Ok(()),
        },
    };
    // Whoever lists the processes sees which task each has, and which only wait.
    let _ = rustix::thread::set_name(&CString::new(task.to_string())?);
    let outcome = run::run(task, by, settings, machine::clock(), machine::stop()?, notify).await?;
    match outcome {
        Outcome::Waits(waits) => tracing::info!(%task, ?waits, "it has to wait"),
        Outcome::NotOurs => tracing::debug!(%task, "nothing to do"),
        Outcome::Ended(end) => tracing::info!(%task, ?end, "ended"),
        Outcome::Halted(halt) => tracing::error!(%task, %halt, "stopped without an end of its own"),
    }
    if waited {
        // Whatever came of it: the number was heard, and nobody else need be started.
        let _ = say("-");
    }
    waker.finish(HINT_LIMIT).await;
    Ok(())
}

/// To control, which listens on standard output.
fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    out.flush()
}

fn settings(config: &Config) -> Result<Settings> {
    let mut store = config.store.connect();
    store.max_connections = CONNECTIONS;
    let targets = config.target.clone();
    let account = Arc::new(move |group: &str| {
        let account = targets.run_account(group);
        Account { user: account.user, password: account.password.expose().to_owned() }
    });
    Ok(Settings {
        connect_ms: config.target.connect_timeout_ms,
        ..Settings::usual(store, account, config.control.admission()?, config.control.state_dir.clone())
    })
}

/// Connects, says that it is ready, and waits for a number. `None`: it is not needed.
async fn wait(settings: &Settings) -> Result<Option<TaskId>> {
    let _ = tokio::time::timeout(CONNECT_LIMIT, dbdesk_store::ping(&settings.pool)).await;
    say(&greeting(env!("CARGO_PKG_VERSION")))?;
    // There is nothing else to be done by this thread; and SIGTERM ends it, as long as nobody asked for `stop`.
    let mut line = String::new();
    if io::stdin().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let number = line.trim().parse().with_context(|| format!("“{}” is no number of a task", line.trim()))?;
    let task = TaskId(number);
    let log = detach::log(&settings.state_dir, task)?;
    rustix::stdio::dup2_stderr(&log).context("its log can not be opened")?;
    Ok(Some(task))
}

/// Says on standard output which ticket changed, so that this process needs no connection to Redis. Control, which listens
/// there, may be gone: then it is said as everybody else does.
fn told(redis: impl Fn(TicketId) + Send + Sync + 'static) -> Notify {
    let listens = AtomicBool::new(true);
    Arc::new(move |ticket| {
        let said = listens.load(Ordering::Relaxed) && say(&ticket.0.to_string()).is_ok();
        if !said {
            listens.store(false, Ordering::Relaxed);
            redis(ticket);
        }
    })
}
