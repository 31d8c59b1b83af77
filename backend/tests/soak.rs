//! Thousands of tasks while everything around them is killed, frozen, emptied and restarted by chance. What ran is counted by a table
//! on the target: each statement appends a row, nothing keeps a second one out.
//!
//! `make soak` runs it for long: `SOAK_TASKS` of them, at most `SOAK_SECONDS`, by the chance of `SOAK_SEED`.

#[path = "parts/audit.rs"]
mod audit;
#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "the soak uses what it needs")]
mod desk;
#[expect(dead_code, reason = "the soak uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_cmdb::GroupId;
use dbdesk_ticket::spread::{Shard, Spread};
use desk::Wanted;
use lab::{MariaDb, Process, Proxy, until};
use parts::{
    Engine, Worker,
    chance::{Chance, asked},
};
use rustix::process::Signal;
use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

/// So many are open at a time at most.
const OPEN: i64 = 150;
/// What is open when the faults end must have come to its end after so long: a lease, and some.
const SETTLE: Duration = Duration::from_secs(90);

/// What is done to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    ControlKilled,
    ControlFrozen,
    TaskKilled,
    TaskFrozen,
    RedisFlushed,
    RedisFrozen,
    RedisRestartedEmpty,
    StoreRestarted,
    StoreCut,
    StoreSilent,
}

const FAULTS: [(Fault, u64); 10] = [
    (Fault::ControlKilled, 20),
    (Fault::ControlFrozen, 10),
    (Fault::TaskKilled, 30),
    (Fault::TaskFrozen, 20),
    (Fault::RedisFlushed, 15),
    (Fault::RedisFrozen, 6),
    (Fault::RedisRestartedEmpty, 6),
    (Fault::StoreRestarted, 3),
    (Fault::StoreCut, 6),
    (Fault::StoreSilent, 3),
];

/// What stands still until its time.
enum Frozen {
    Process(Worker),
    Redis,
    Store,
}

fn choose(chance: &mut Chance) -> Fault {
    let mut left = chance.below(FAULTS.iter().map(|(_, weight)| weight).sum());
    for (fault, weight) in FAULTS {
        if left < weight {
            return fault;
        }
        left -= weight;
    }
    Fault::TaskKilled
}

/// The processes that work on tasks now, as the store knows them.
async fn working(engine: &Engine) -> Vec<Worker> {
    let pids = sqlx::query_scalar("SELECT pid FROM task WHERE state = 'running' AND pid IS NOT NULL");
    let pids: Vec<u32> = pids.fetch_all(&engine.desk.pool).await.unwrap_or_default();
    let config = engine.folder.path().display().to_string();
    pids.into_iter().map(Worker).filter(|worker| worker.command().contains(&config)).collect()
}

/// Those, and the ones that were started ahead.
fn workers(engine: &Engine) -> Vec<Worker> {
    let config = engine.folder.path().join("dbdesk.toml").display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let command = Worker(pid).command();
        if command.contains("dbdesk-run ") && command.contains(&config) {
            found.push(Worker(pid));
        }
    }
    found
}

/// A desk with two controls, and what was done to it.
struct Struck {
    engine: Engine,
    /// Between all its processes and the store.
    proxy: Proxy,
    controls: Vec<Process>,
    frozen: Vec<(Instant, Frozen)>,
    /// Processes of tasks that were struck.
    worked: u32,
    chance: Chance,
}

impl Struck {
    async fn strike(&mut self, fault: Fault) -> Result<()> {
        let which = self.chance.below(1 << 20);
        let one_of = |many: usize| usize::try_from(which).unwrap_or(0) % many.max(1);
        match fault {
            Fault::ControlKilled => {
                let at = one_of(self.controls.len());
                self.controls[at].kill()?;
                self.controls[at].start_again()?;
            }
            Fault::ControlFrozen => {
                let at = one_of(self.controls.len());
                if let Some(pid) = self.controls[at].pid() {
                    self.freeze(Worker(pid), 8_000);
                }
            }
            Fault::TaskKilled | Fault::TaskFrozen => {
                let mut all = working(&self.engine).await;
                // Now and then one that waits for a task.
                if all.is_empty() || which.is_multiple_of(4) {
                    all = workers(&self.engine);
                }
                self.worked += u32::from(!all.is_empty());
                if !all.is_empty() {
                    let worker = all.swap_remove(one_of(all.len()));
                    if fault == Fault::TaskKilled {
                        // It may have ended in this moment.
                        let _ = worker.signal(Signal::KILL);
                    } else {
                        self.freeze(worker, 2_000);
                    }
                }
            }
            Fault::RedisFlushed => {
                // It does not answer while it is frozen.
                if !self.frozen.iter().any(|(_, what)| matches!(what, Frozen::Redis)) {
                    self.engine.redis.flush().await?;
                }
            }
            Fault::RedisFrozen => {
                self.engine.redis.freeze()?;
                self.until(2_000, Frozen::Redis);
            }
            Fault::RedisRestartedEmpty => self.engine.redis.restart_empty().await?,
            Fault::StoreRestarted => {
                self.engine.desk.store.kill()?;
                self.engine.desk.store.restart().await?;
            }
            Fault::StoreCut => self.proxy.cut(),
            Fault::StoreSilent => {
                self.proxy.freeze();
                self.until(3_000, Frozen::Store);
            }
        }
        Ok(())
    }

    fn freeze(&mut self, worker: Worker, most_ms: u64) {
        if worker.signal(Signal::STOP).is_ok() {
            self.until(most_ms, Frozen::Process(worker));
        }
    }

    fn until(&mut self, most_ms: u64, what: Frozen) {
        let until = Instant::now() + Duration::from_millis(200 + self.chance.below(most_ms));
        self.frozen.push((until, what));
    }

    fn thaw(&mut self, all: bool) {
        let Self { frozen, proxy, engine, .. } = self;
        frozen.retain(|(until, what)| {
            let due = all || *until <= Instant::now();
            if due {
                match what {
                    Frozen::Process(worker) => drop(worker.signal(Signal::CONT)),
                    Frozen::Redis => drop(engine.redis.thaw()),
                    Frozen::Store => proxy.thaw(),
                }
            }
            !due
        });
    }
}

/// The shop's statement first, then one more there and two on the other service group.
fn over_both(engine: &Engine, other: GroupId) -> Spread {
    let shard = |index: u32| Shard {
        group: if index < 2 { engine.desk.group } else { other },
        database: desk::SHOP.into(),
        statements: vec![index],
    };
    Spread { shards: (0..4).map(shard).collect() }
}

/// Files tickets until there are enough open or all are filed; a store that is away is no reason to stop.
async fn feed(engine: &Engine, other: GroupId, filed: &mut u64, most: u64) {
    let open: Result<i64, _> = sqlx::query_scalar("SELECT COUNT(*) FROM task WHERE ended_at IS NULL")
        .fetch_one(&engine.desk.pool)
        .await;
    let Ok(open) = open else { return };
    for _ in 0..(OPEN - open).clamp(0, 20) {
        if *filed == most {
            return;
        }
        let n = *filed + 1;
        // Each row carries the ticket's own mark: whether it ran twice, the target tells.
        // One in four takes its time, so that something is in flight.
        let takes = if n.is_multiple_of(4) { 0.3 } else { 0.0 };
        let sql =
            format!("INSERT INTO ran VALUES ({n}, 0); INSERT INTO ran VALUES ({n}, 1 + SLEEP({takes}))");
        // Where it fails nobody knows whether it was filed: its mark is not used again.
        *filed = n;
        // One in six runs on two service groups beside each other.
        let (sql, spread) = if n.is_multiple_of(6) {
            (
                format!("{sql}; INSERT INTO ran VALUES ({n}, 2); INSERT INTO ran VALUES ({n}, 3)"),
                Some(over_both(engine, other)),
            )
        } else {
            (sql, None)
        };
        if engine.desk.wanted(&Wanted { sql: &sql, spread, ..Wanted::default() }).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn whatever_dies_no_statement_runs_twice_and_every_task_comes_to_an_end() -> Result<()> {
    let (most, seconds) = (asked("SOAK_TASKS", 10_000), asked("SOAK_SECONDS", 75));
    let seed = asked("SOAK_SEED", u64::from(std::process::id())) | 1;
    let chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut engine = Engine::with_room(12, 24).await?;
    engine.desk.target.sql(audit::TABLE).await?;
    let there = MariaDb::start().await?;
    there.sql(&format!("CREATE DATABASE shop; {}", audit::TABLE)).await?;
    let other = desk::put(&engine.desk.pool, "shop-2", there.port()).await?;
    engine.account_on("shop-2", there.password())?;
    let proxy = Proxy::start(engine.desk.store.port()).await?;
    engine.store_at(proxy.port())?;
    let controls = vec![engine.control()?, engine.control()?];
    let mut desk = Struck { engine, proxy, controls, frozen: Vec::new(), worked: 0, chance };
    let (started, limit) = (Instant::now(), Duration::from_secs(seconds));
    let (mut filed, mut struck) = (0, BTreeMap::<Fault, u32>::new());
    let mut next = Instant::now();
    while filed < most && started.elapsed() < limit {
        feed(&desk.engine, other, &mut filed, most).await;
        desk.thaw(false);
        if next <= Instant::now() {
            let fault = choose(&mut desk.chance);
            desk.strike(fault).await?;
            *struck.entry(fault).or_default() += 1;
            next = Instant::now() + Duration::from_millis(100 + desk.chance.below(500));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    desk.thaw(true);
    let engine = &desk.engine;
    println!("seed {seed}: {filed} tickets filed in {:.0} s; {struck:?}", started.elapsed().as_secs_f64());
    until("every task to come to an end", SETTLE, || async {
        let open: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, COUNT(*) FROM task WHERE ended_at IS NULL GROUP BY state")
                .fetch_all(&engine.desk.pool)
                .await?;
        ensure!(open.is_empty(), "still open: {open:?}");
        Ok(())
    })
    .await
    .with_context(|| format!("seed {seed}; {struck:?}"))?;
    println!("the last end came {:.0} s after the start", started.elapsed().as_secs_f64());
    let audit = audit::audit(engine, &[&engine.desk.target, &there])
        .await
        .with_context(|| format!("seed {seed}; {struck:?}"))?;
    println!("{audit}; {} processes of tasks were struck", desk.worked);
    let tasks_struck =
        [Fault::TaskKilled, Fault::TaskFrozen].iter().filter_map(|fault| struck.get(fault)).sum::<u32>();
    ensure!(desk.worked * 2 >= tasks_struck, "most of {tasks_struck} faults of processes hit none");
    ensure!(audit.ended("done") * 2 > audit.tickets(), "most come through: {audit}");
    Ok(())
}
