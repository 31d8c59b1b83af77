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
use lab::{Process, until};
use parts::{Engine, Worker};
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

#[expect(clippy::disallowed_methods, reason = "how long a soak lasts is asked for from outside")]
fn asked(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// xorshift: one seed, one order of faults.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// What is done to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    ControlKilled,
    TaskKilled,
    TaskFrozen,
    RedisFlushed,
    RedisRestartedEmpty,
    StoreRestarted,
}

const FAULTS: [(Fault, u64); 6] = [
    (Fault::ControlKilled, 20),
    (Fault::TaskKilled, 30),
    (Fault::TaskFrozen, 20),
    (Fault::RedisFlushed, 15),
    (Fault::RedisRestartedEmpty, 6),
    (Fault::StoreRestarted, 3),
];

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

/// The processes that work on tasks now.
fn workers(engine: &Engine) -> Vec<Worker> {
    let config = engine.folder.path().join("dbdesk.toml").display().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let command = Worker(pid).command();
        if command.contains(" run ") && command.contains(&config) {
            found.push(Worker(pid));
        }
    }
    found
}

async fn strike(
    fault: Fault,
    engine: &mut Engine,
    controls: &mut [Process],
    chance: &mut Chance,
    frozen: &mut Vec<(Instant, Worker)>,
) -> Result<()> {
    let which =
        |chance: &mut Chance, many: usize| usize::try_from(chance.below(many.max(1) as u64)).unwrap_or(0);
    match fault {
        Fault::ControlKilled => {
            let at = which(chance, controls.len());
            controls[at].kill()?;
            controls[at].start_again()?;
        }
        Fault::TaskKilled | Fault::TaskFrozen => {
            let mut all = workers(engine);
            if !all.is_empty() {
                let worker = all.swap_remove(which(chance, all.len()));
                // It may have ended in this moment.
                if fault == Fault::TaskKilled {
                    let _ = worker.signal(Signal::KILL);
                } else if worker.signal(Signal::STOP).is_ok() {
                    frozen.push((Instant::now() + Duration::from_millis(200 + chance.below(2_000)), worker));
                }
            }
        }
        Fault::RedisFlushed => engine.redis.flush().await?,
        Fault::RedisRestartedEmpty => {
            engine.redis.kill()?;
            engine.redis.restart().await?;
            engine.redis.flush().await?;
        }
        Fault::StoreRestarted => {
            engine.desk.store.kill()?;
            engine.desk.store.restart().await?;
        }
    }
    Ok(())
}

fn thaw(frozen: &mut Vec<(Instant, Worker)>, all: bool) {
    frozen.retain(|(until, worker)| {
        let due = all || *until <= Instant::now();
        if due {
            let _ = worker.signal(Signal::CONT);
        }
        !due
    });
}

/// Files tickets until there are enough open or all are filed; a store that is away is no reason to stop.
async fn feed(engine: &Engine, filed: &mut u64, most: u64) {
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
        let sql = format!("INSERT INTO ran VALUES ({n}, 0); INSERT INTO ran VALUES ({n}, 1)");
        // Where it fails nobody knows whether it was filed: its mark is not used again.
        *filed = n;
        if engine.desk.ticket(&sql).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn whatever_dies_no_statement_runs_twice_and_every_task_comes_to_an_end() -> Result<()> {
    let (most, seconds) = (asked("SOAK_TASKS", 10_000), asked("SOAK_SECONDS", 75));
    let seed = asked("SOAK_SEED", u64::from(std::process::id())) | 1;
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut engine = Engine::with_room(12, 24).await?;
    engine.desk.target.sql(audit::TABLE).await?;
    let mut controls = vec![engine.control()?, engine.control()?];
    let (started, limit) = (Instant::now(), Duration::from_secs(seconds));
    let (mut filed, mut frozen, mut struck) = (0, Vec::new(), BTreeMap::<Fault, u32>::new());
    let mut next = Instant::now();
    while filed < most && started.elapsed() < limit {
        feed(&engine, &mut filed, most).await;
        thaw(&mut frozen, false);
        if next <= Instant::now() {
            let fault = choose(&mut chance);
            strike(fault, &mut engine, &mut controls, &mut chance, &mut frozen).await?;
            *struck.entry(fault).or_default() += 1;
            next = Instant::now() + Duration::from_millis(100 + chance.below(500));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    thaw(&mut frozen, true);
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
    let audit = audit::audit(&engine).await.with_context(|| format!("seed {seed}; {struck:?}"))?;
    println!("{audit}");
    ensure!(audit.ended("done") * 2 > audit.tickets(), "most come through: {audit}");
    Ok(())
}
