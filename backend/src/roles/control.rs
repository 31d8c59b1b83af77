//! `dbdesk control`: due work is started, work whose process vanished is ended in its place. Any number of them may run.

use super::{
    clock::StoreTime,
    filing,
    launch::{self, Launcher},
    looking,
    machine::{self, File},
    objects, set_aside, settle,
};
use crate::config::{self, Config};
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use dbdesk_commands::{
    id::TaskId,
    point::Points,
    wire::entry::{Event, QueryStop},
};
use dbdesk_components::mysql::{seen::last_seen, shadow, target::kill_query};
use dbdesk_executor::{
    journal,
    pen::ANSWER_LIMIT,
    process,
    relay::{Answer, ask},
    warm::{Answering, Warm},
};
use dbdesk_schedule::{
    Hands, Redis, Settings, Waker,
    control::{End, control},
    force::{Means, Signal, Stopping},
};
use dbdesk_store::{
    Pool,
    control::{self as registry, About},
    queue::{self, Flying, Held},
    service_group,
};
use dbdesk_ticket::task::PROTOCOL;
use sqlx::mysql::MySqlConnectOptions;
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    os::unix::process::CommandExt as _,
    pin::Pin,
    process::Command,
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;

/// So many tasks may be given back at once; what is beyond that is found out by looking.
const BACK: usize = 256;

/// A task's own log is kept for so long after its last line.
const LOGS_LAST: TimeDelta = TimeDelta::days(14);

/// Between two looks for shadows that nobody uses any more.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// One step of such a look may take so long.
const SWEEP_LIMIT: Duration = Duration::from_secs(5);

/// Works until it is asked to end. What runs meanwhile runs on.
pub async fn run(file: File, config: Config, points: Points) -> Result<()> {
    let host = machine::host(&config);
    let state_dir = config.control.state_dir.clone();
    dbdesk_executor::detach::folder(&state_dir)
        .with_context(|| format!("control.state_dir {} can not be made", state_dir.display()))?;
    let redis = Redis::new(config.redis.client()?)?;
    let waker = Waker::start(&redis);
    tokio::spawn(launch::tell_orphans());
    let boot_id = process::boot_id()?;
    let boot = boot_id.clone();
    let [known, kept, forget, sweep] = [(); 4].map(|()| state_dir.clone());
    let store = dbdesk_store::pool(&config.store.patient());
    let mut stop = machine::stop()?;
    let time = tokio::select! {
        time = StoreTime::known(&store) => time,
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
    };
    let keeping = tokio::spawn(time.clone().keep(store.clone()));
    let (gives_back, back) = mpsc::channel(BACK);
    let launcher = Launcher::new(&file, config.control.isolation).await?;
    let answer = answering(&config, &store, &waker, gives_back)?;
    let order = launcher.order(answer, time.clock(), points.clone());
    let warm = Warm::start(order, config.control.warm.min(config.control.tasks_at_once));
    let look = Look { store: store.clone(), target: config.target.clone() };
    let stopping = Look { store: store.clone(), target: config.target.clone() };
    let hands = Hands {
        launch: Arc::new(move |task| warm.launch(task)),
        gone: Arc::new(move |held| process::gone(&boot, &held.boot_id, held.pid, held.pid_start)),
        known: Arc::new(move |held| journal::known(&known, held.task, held.epoch)),
        seen: Arc::new(move |held| look.at(held)),
        means: Means {
            signal: Arc::new(|held, signal| {
                let signal = match signal {
                    Signal::Terminate => rustix::process::Signal::TERM,
                    Signal::Kill => rustix::process::Signal::KILL,
                };
                process::signal(held.pid, held.pid_start, signal)
            }),
            stop_query: Arc::new(move |held| stopping.query(held)),
        },
        end: Arc::new(end),
        kept: Arc::new(move || journal::all(&kept)),
        forget: Arc::new(move |task, epoch| journal::forget(&forget, task, epoch)),
        sweep: Arc::new(move |now| {
            if let Err(error) = journal::sweep_logs(&sweep, (now - LOGS_LAST).into()) {
                tracing::warn!(%error, "old logs of tasks can not be removed");
            }
        }),
        points: points.clone(),
    };
    let about = About {
        name: name(&host, std::process::id(), &boot_id),
        process: process::claimant(&host, std::process::id())?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        labels: config.control.labels.clone(),
        tasks_at_once: config.control.tasks_at_once,
    };
    let stuck_ms = config.control.stuck_ms;
    let backups_last = config.backup.last();
    let settings = Settings { stuck_ms, backups_last, ..Settings::usual(about, config.control.admission()?) };
    let sweeping = tokio::spawn(sweep_shadows(config.shadow.clone()));
    let settling = tokio::spawn(settle::settle(config.clone(), store.clone(), time.clock()));
    let purging = tokio::spawn(set_aside::purge(config.clone(), store.clone(), time.clock()));
    let forgetting = tokio::spawn(objects::purge(config.clone(), store.clone(), time.clock()));
    let waker = Waker::start(&redis);
    let times = (time.clock(), stop.clone());
    let desk = filing::desk(config, store.clone(), redis.clone(), &waker, times, points);
    let desk = Arc::new(desk);
    let looking = tokio::spawn(looking::looks(desk.clone()));
    let filing = tokio::spawn(filing::files(desk));
    tracing::info!(name = settings.about.name, host, "control works");
    let ended = Box::pin(control(settings, store, redis, time.clock(), hands, back, stop)).await;
    keeping.abort();
    sweeping.abort();
    purging.abort();
    forgetting.abort();
    settling.abort();
    filing.abort();
    looking.abort();
    if let Err(stuck) = ended {
        tracing::error!(%stuck, "control starts itself anew; what runs runs on");
        return Err(anew()?.into());
    }
    tracing::info!("control ends; what runs runs on");
    Ok(())
}

/// The same process begins again, without the connections on which nothing comes any more. It does not end: in a container all tasks
/// would end with it. Comes back only where that fails.
fn anew() -> Result<io::Error> {
    Ok(Command::new(machine::program()?).args(std::env::args_os().skip(1)).exec())
}

/// Two controls on one machine are two, and so are two that have one process number on two machines of one name.
fn name(host: &str, pid: u32, boot_id: &str) -> String {
    let mut hash = DefaultHasher::new();
    boot_id.hash(&mut hash);
    format!("{host}-{pid}-{:04x}", hash.finish() & 0xFFFF)
}

/// Between two looks whether controls have drained.
const DRAIN_LOOK: Duration = Duration::from_millis(200);
/// They may take so long.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Asks the controls of this machine, or all, to take nothing more and to end; waits until they have. What runs runs on.
pub async fn drain(config: Config, all: bool) -> Result<()> {
    let host = machine::host(&config);
    let store = dbdesk_store::pool(&config.store.connect());
    let asked = registry::drain(&store, (!all).then_some(host.as_str())).await?;
    let ended = async {
        loop {
            let rows = registry::all(&store).await?;
            let left = rows.iter().filter(|row| row.is_alive() && asked.contains(&row.about.name)).count();
            if left == 0 {
                return Ok::<_, anyhow::Error>(());
            }
            tokio::time::sleep(DRAIN_LOOK).await;
        }
    };
    tokio::time::timeout(DRAIN_LIMIT, ended).await.with_context(|| {
        format!("not all of {} have ended within {} s", asked.join(", "), DRAIN_LIMIT.as_secs())
    })??;
    let running = queue::busy(&store).await?.len();
    println!("{} controls have ended; {running} tasks run on.", asked.len());
    Ok(())
}

/// What a crash left on review servers is dropped: at once, and then every minute.
async fn sweep_shadows(config: config::Shadow) {
    loop {
        for (name, server) in &config.server {
            match shadow::sweep(&server.options(), config.lost_after(), SWEEP_LIMIT).await {
                Ok(gone) if gone.is_empty() => {}
                Ok(gone) => {
                    tracing::info!(server = name, ?gone, "shadows that nobody uses any more were dropped");
                }
                Err(error) => tracing::warn!(server = name, %error, "a review server could not be swept"),
            }
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

fn end(held: &Held) -> End {
    let (task, pid, start) = (held.task, held.pid, held.pid_start);
    Box::pin(async move {
        if let Err(error) = process::ended(pid, start).await {
            tracing::warn!(%task, pid, %error, "the end of a process can not be waited for; it is looked for instead");
            // The next look finds it; this one must not end at once, or looks would never end.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
}

/// A target may take so long to say what became of a statement: its task is told as lost right after.
const LOOK_LIMIT: Duration = Duration::from_millis(800);

/// Asks a target what the connection of a vanished process does.
struct Look {
    store: Pool,
    target: config::Target,
}

impl Look {
    fn at(&self, held: &Held) -> Pin<Box<dyn Future<Output = Option<Event>> + Send>> {
        let (store, target, flying) = (self.store.clone(), self.target.clone(), held.flying.clone());
        Box::pin(async move {
            let flying = flying?;
            let options = options(&store, &target, &flying).await?;
            let Flying { index, instance, connection, .. } = flying;
            let (seen, binlog) = last_seen(&options, connection, LOOK_LIMIT).await;
            Some(Event::LastSeen { index, connection, instance, seen, binlog })
        })
    }
}

/// Asks the store what a process asks; what the process leaves then is given back.
fn answering(
    config: &Config,
    store: &Pool,
    waker: &Waker,
    back: mpsc::Sender<TaskId>,
) -> Result<Box<Answering>> {
    let (store, admission, changed) =
        (store.clone(), Arc::new(config.control.admission()?), Arc::new(waker.hand()));
    Ok(Box::new(move |asked| {
        let (store, admission, changed) = (store.clone(), Arc::clone(&admission), Arc::clone(&changed));
        let back = back.clone();
        Box::pin(async move {
            let task = asked.leaves();
            let answer = tokio::time::timeout(ANSWER_LIMIT, ask(&store, &admission, asked, &*changed))
                .await
                .unwrap_or_else(|_| Answer::Retry("the database does not answer".to_owned()));
            if let Some(task) = task.filter(|_| !matches!(answer, Answer::Ours(_))) {
                let _ = back.try_send(task);
            }
            answer
        })
    }))
}

/// A target may take so long to be asked to stop a statement.
const STOP_LIMIT: Duration = Duration::from_secs(5);

impl Look {
    fn query(&self, held: &Held) -> Stopping {
        let (store, target, flying) = (self.store.clone(), self.target.clone(), held.flying.clone());
        Box::pin(async move {
            let flying = flying?;
            let asked = match options(&store, &target, &flying).await {
                Some(options) => kill_query(&options, flying.connection, STOP_LIMIT)
                    .await
                    .map_err(|error| error.to_string()),
                None => Err("its service group or server is not known any more".to_owned()),
            };
            let Flying { index, instance, connection, .. } = flying;
            Some(QueryStop { index, instance, connection, problem: asked.err() })
        })
    }
}

/// How to connect to the server on which a statement runs.
async fn options(store: &Pool, target: &config::Target, flying: &Flying) -> Option<MySqlConnectOptions> {
    let group = service_group::by_id(store, flying.group).await.ok()??.group.name;
    let (host, port) = flying.instance.rsplit_once(':')?;
    Some(target.run_account(&group).options(host, port.parse().ok()?))
}
