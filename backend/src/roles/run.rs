//! `dbdesk-run --task N`: claims one task and does its work. `dbdesk-run --wait`: the same, for the task whose number it is told
//! ([`dbdesk_executor::warm`]).

use super::{clock::StoreTime, machine};
use crate::config::{self, Config, KeepIn};
use anyhow::{Context as _, Result};
use dbdesk_commands::{
    id::TaskId,
    point::{Point, Points},
};
use dbdesk_executor::{
    detach::{self, leave_session},
    pen::{Pen, Pipes},
    process,
    run::{self, Account, Backup, Granting, Outcome, Scripting, Settings, Shelf, Steering},
    warm::greeting,
};
use dbdesk_schedule::{Redis, Waker};
use std::{ffi::CString, sync::Arc, time::Duration};
use tokio::time::timeout;

/// This process needs one connection beside its heartbeat's, where control does not ask for it, and hundreds of them run at once.
const CONNECTIONS: u32 = 1;
/// With a task, the store may take so long to tell its time; then the task is offered again.
const TIME_LIMIT: Duration = Duration::from_secs(20);
/// The last hint may take so long to be sent.
const HINT_LIMIT: Duration = Duration::from_millis(500);

/// Does it, or waits for the number where none is given. Wants a `current_thread` runtime.
pub async fn run(task: Option<TaskId>, config: Config, points: Points) -> Result<()> {
    leave_session();
    let by = process::claimant(&machine::host(&config), std::process::id())?;
    let waker = Waker::start(&Redis::new(config.redis.client()?)?);
    let settings = Settings { progress: Arc::new(waker.live_hand()), points, ..settings(&config)? };
    let (task, time, pipes) = match task {
        Some(task) => {
            let store = dbdesk_store::pool(&settings.store);
            let time = timeout(TIME_LIMIT, StoreTime::known(&store)).await;
            (task, time.context("the store does not tell its time")?, None)
        }
        None => match wait(&settings).await? {
            Some((task, time, pipes)) => (task, time, Some(pipes)),
            None => return Ok(()),
        },
    };
    let pen = Pen::new(pipes, settings.store.clone(), config.control.admission()?, Arc::new(waker.hand()));
    // Whoever lists the processes sees which task each has, and which only wait.
    let _ = rustix::thread::set_name(&CString::new(task.to_string())?);
    let outcome = run::run(task, by, pen, settings, time.clock(), machine::stop()?).await?;
    match outcome {
        Outcome::Waits(waits) => tracing::info!(%task, ?waits, "it has to wait"),
        Outcome::NotOurs => tracing::debug!(%task, "nothing to do"),
        Outcome::Ended(end) => tracing::info!(%task, ?end, "ended"),
        Outcome::Halted(halt) => tracing::error!(%task, %halt, "stopped without an end of its own"),
    }
    waker.finish(HINT_LIMIT).await;
    Ok(())
}

fn settings(config: &Config) -> Result<Settings> {
    let mut store = config.store.patient();
    store.max_connections = CONNECTIONS;
    let targets = config.target.clone();
    let account = Arc::new(move |group: &str| {
        let account = targets.run_account(group);
        Account { user: account.user, password: account.password.expose().to_owned() }
    });
    Ok(Settings {
        connect_ms: config.target.connect_timeout_ms,
        ddl: config.ddl.of_tasks(),
        backup: backup(config)?,
        granting: Some(Arc::new(granting(config)?)),
        steering: Some(Arc::new(steering(config))),
        machines: Some(Arc::new(super::machines::machines(config)?)),
        scripting: Some(Arc::new(Scripting {
            folder: config.scripts.folder.clone(),
            warden: machine::warden()?,
            grace_ms: config.scripts.grace_ms,
        })),
        ..Settings::usual(store, account, config.control.state_dir.clone())
    })
}

/// How rows are kept, where there is a key.
///
/// # Errors
/// What of the configuration is not as it was when it was read.
pub fn backup(config: &Config) -> Result<Option<Backup>> {
    let Some(key) = config.backup.key().map_err(anyhow::Error::msg)? else { return Ok(None) };
    let shelf = match (config.backup.keep_in, &config.backup.s3) {
        (KeepIn::S3, Some(s3)) => Shelf::Bucket(Arc::new(s3.objects()?)),
        _ => Shelf::Database,
    };
    let chance = Arc::new(|| machine::chance().bytes().ok());
    Ok(Some(Backup { key, most: config.backup.most(), chance, shelf }))
}

/// How servers are steered. Where a group has no account for that, the server says so.
fn steering(config: &Config) -> Steering {
    let plain = |account: config::Account| Account {
        user: account.user,
        password: account.password.expose().to_owned(),
    };
    let targets = config.target.clone();
    let user = Arc::new(move |group: &str| {
        let account = targets.cluster_account(group);
        account.map_or_else(|| Account { user: String::new(), password: String::new() }, plain)
    });
    Steering { user, replication: config.target.replication_account().map(plain) }
}

/// How accounts are made. Where a group has no account for that, the server says so.
fn granting(config: &Config) -> Result<Granting> {
    let targets = config.target.clone();
    let user = Arc::new(move |group: &str| {
        let account = targets.account_account(group);
        account.map_or_else(
            || Account { user: String::new(), password: String::new() },
            |account| Account { user: account.user, password: account.password.expose().to_owned() },
        )
    });
    let (targets, keeps) = (config.target.clone(), !config.backup.secret_key.is_empty());
    Ok(Granting {
        user,
        keys: config.backup.keys().map_err(anyhow::Error::msg)?,
        chance: Arc::new(|bytes| machine::chance().fill(bytes).is_ok()),
        hand_over_hours: config.account.hand_over_hours,
        ignored: config.account.ignored().and(config.target.users()),
        needs: Arc::new(move |group| targets.needs(group, keeps)),
    })
}

/// Says that it is ready, and waits for a number. `None`: it is not needed.
async fn wait(settings: &Settings) -> Result<Option<(TaskId, StoreTime, Pipes)>> {
    let mut pipes = Pipes::standard().context("`dbdesk-run --wait` is started by control, with pipes")?;
    let Some((task, now)) = pipes.number(&greeting(env!("CARGO_PKG_VERSION"))).await? else {
        return Ok(None);
    };
    let log = detach::log(&settings.state_dir, task);
    if let Err(error) = log.and_then(|log| Ok(rustix::stdio::dup2_stderr(&log)?)) {
        tracing::warn!(%task, %error, "{}", detach::NO_LOG);
    }
    settings.points.at(Point::RunHeard);
    Ok(Some((task, StoreTime::of(now), pipes)))
}
