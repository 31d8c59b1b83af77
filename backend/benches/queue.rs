//! The engine beside Celery 5, on the same machine and the same Redis, in one run: `make bench-queue`.
//!
//! A task of ours that does nothing is a ticket of `DO 0`: its claim, its connection to the target, its statement and its story
//! are in the figure, each committed in the store. Celery's does a push to Redis. Nothing is asserted: figures of a shared
//! machine are to be read as ratios.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "the bench uses what it needs")]
mod desk;
#[path = "../tests/parts/mod.rs"]
#[expect(dead_code, reason = "the bench uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use dbdesk_commands::{
    id::TaskId,
    wire::{task::Priority, ticket::TicketState},
};
use dbdesk_schedule::{Redis, Waker};
use dbdesk_store::task::Offer;
use desk::Wanted;
use lab::{Server, until};
use parts::{Engine, Worker};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::{
    env, fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const NOTHING: &str = "DO 0";
const LIMIT: Duration = Duration::from_mins(2);
const SIDE_BY_SIDE: usize = 6;

#[expect(clippy::disallowed_methods, reason = "a program of its own asks its environment")]
fn asked(name: &str) -> Option<String> {
    env::var(name).ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let scheduled: u64 = asked("SCHEDULED").map_or(Ok(100_000), |text| text.parse())?;
    let engine = Engine::with_room(SIDE_BY_SIDE, SIDE_BY_SIDE).await?;
    let celery = celery(&engine.redis.url(), scheduled)?;
    engine.redis.flush().await?;
    let ours = ours(&engine, scheduled).await?;
    drop(engine);
    let hundred = hundred().await?;
    print(&celery, &ours, &hundred, scheduled);
    Ok(())
}

/// Celery's figures; without `BENCH_PYTHON` there are none.
fn celery(url: &str, scheduled: u64) -> Result<Value> {
    let Some(python) = asked("BENCH_PYTHON") else { return Ok(Value::Null) };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/bench-queue/celery_side.py");
    let said = Command::new(python)
        .arg(script)
        .env("BENCH_REDIS", format!("{}/1", url.trim_end_matches('/')))
        .env("SCHEDULED", scheduled.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&said.stdout);
    if !said.status.success() {
        bail!("Celery's side ended with {}: {text}", said.status);
    }
    Ok(serde_json::from_str(text.lines().last().context("it says nothing")?)?)
}

async fn ours(engine: &Engine, scheduled: u64) -> Result<Value> {
    let redis = Redis::new(redis::Client::open(engine.redis.url())?)?;
    let mut told = json!({ "bare_per_s": bare(SIDE_BY_SIDE, 300)?, "spawn": spawn()? });
    told["connected_per_s"] = connected(&engine.desk.target, SIDE_BY_SIDE, 300)?;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..300 {
        tasks.push(engine.desk.ticket(NOTHING).await?.1);
    }
    told["enqueue_per_s"] = rate(tasks.len(), began.elapsed());
    let mut control = engine.control()?;
    ended(engine, &tasks).await?;
    let (from, to): (DateTime<Utc>, DateTime<Utc>) =
        sqlx::query_as("SELECT MIN(started_at), MAX(ended_at) FROM task")
            .fetch_one(&engine.desk.pool)
            .await?;
    told["tasks_per_s"] = rate(tasks.len(), (to - from).to_std()?);
    told["start"] = latency(engine, &redis, 200).await?;
    told["idle"] = memory(engine)?;
    told["late"] = late(engine).await?;
    told["killed_told_ms"] = killed(engine).await?;
    fill(engine, scheduled).await?;
    // A fresh one, so that what it had before is not counted.
    control.kill()?;
    control.start_again()?;
    let (_, task) = engine.desk.ticket(NOTHING).await?;
    ended(engine, &[task]).await?;
    told["start_scheduled"] = latency(engine, &redis, 100).await?;
    told["scheduled"] = memory(engine)?;
    Ok(told)
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn rate(count: usize, took: Duration) -> Value {
    json!((count as f64 / took.as_secs_f64()).round())
}

/// The bare limit: so many side by side, launcher and empty program, nothing else.
fn bare(side_by_side: usize, count: usize) -> Result<Value> {
    let launcher = env!("CARGO_BIN_EXE_dbdesk-detach");
    let began = Instant::now();
    for _ in 0..count / side_by_side {
        let started: Vec<_> = (0..side_by_side)
            .map(|_| Command::new(launcher).arg("/bin/true").spawn())
            .collect::<Result<_, _>>()?;
        for mut child in started {
            child.wait()?;
        }
    }
    Ok(rate(count, began.elapsed()))
}

/// So many side by side of the server's own client, each a process that connects, sends the same statement and ends: what a process
/// and a connection for each task cost without a desk.
fn connected(target: &Server, side_by_side: usize, count: usize) -> Result<Value> {
    let client = lab::program("mariadb", "mariadb-client")?;
    let one_after_the_other = || -> Result<()> {
        for _ in 0..count / side_by_side {
            let ended = Command::new(&client)
                .args(["--no-defaults", "--host=127.0.0.1", "--user", Server::USER, "--execute", NOTHING])
                .arg(format!("--port={}", target.port()))
                .env("MYSQL_PWD", target.password())
                .status()?;
            ensure!(ended.success(), "the client ended with {ended}");
        }
        Ok(())
    };
    let began = Instant::now();
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..side_by_side).map(|_| scope.spawn(one_after_the_other)).collect();
        started.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("it panicked"))?)
    })?;
    Ok(rate(count, began.elapsed()))
}

/// One start of the launcher, from this process as it is, and with 1 GB more; and of `dbdesk` itself for comparison.
fn spawn() -> Result<Value> {
    let small = start(env!("CARGO_BIN_EXE_dbdesk-detach"), "/bin/true")?;
    let program = start(env!("CARGO_BIN_EXE_dbdesk"), "--version")?;
    let gigabyte = vec![1_u8; 1 << 30];
    let large = start(env!("CARGO_BIN_EXE_dbdesk-detach"), "/bin/true")?;
    drop(std::hint::black_box(gigabyte));
    Ok(json!({ "launcher": small, "launcher_with_1_gb": large, "dbdesk_itself": program }))
}

fn start(program: &str, argument: &str) -> Result<Value> {
    let mut took = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        Command::new(program).arg(argument).stdout(Stdio::null()).spawn()?.wait()?;
        took.push(TimeDelta::from_std(began.elapsed())?);
    }
    Ok(percentiles(took))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a bench")]
fn percentiles(mut values: Vec<TimeDelta>) -> Value {
    values.sort_unstable();
    let at = |percent: usize| {
        let value = values.get((values.len().max(1) - 1) * percent / 100).copied().unwrap_or_default();
        value.num_microseconds().unwrap_or_default() as f64 / 1000.0
    };
    json!({ "p50_ms": at(50), "p99_ms": at(99) })
}

/// From before a ticket is filed (its transaction is in it) to its claim, at 20 a second.
async fn latency(engine: &Engine, redis: &Redis, count: usize) -> Result<Value> {
    let mut tasks = Vec::new();
    let mut sent = Vec::new();
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let waker = Waker::start(redis);
    let (offer, changed) = (waker.offer_hand(), waker.hand());
    for _ in 0..count {
        beat.tick().await;
        sent.push(desk::now());
        let wanted = Wanted { sql: NOTHING, is_offered: true, ..Wanted::default() };
        let (ticket, task) = engine.desk.wanted(&wanted).await?;
        // As serve does it after its commit.
        offer(Offer { task, queue: String::new(), priority: Priority::Normal, due_at: desk::now() });
        changed(ticket);
        tasks.push(task);
    }
    ended(engine, &tasks).await?;
    let mut waits = Vec::new();
    for (task, sent) in tasks.iter().zip(sent) {
        waits.push(engine.desk.task(*task).await?.started_at.context("it started")? - sent);
    }
    Ok(percentiles(waits))
}

async fn late(engine: &Engine) -> Result<Value> {
    let mut tasks = Vec::new();
    for number in 0..200 {
        let due_in = TimeDelta::milliseconds(2_000 + number * 10);
        let wanted =
            Wanted { sql: NOTHING, due_in, approval_lasts: TimeDelta::hours(1), ..Wanted::default() };
        tasks.push(engine.desk.wanted(&wanted).await?.1);
    }
    ended(engine, &tasks).await?;
    let mut waits = Vec::new();
    for task in tasks {
        let row = engine.desk.task(task).await?;
        waits.push(row.started_at.context("it started")? - row.due_at);
    }
    Ok(percentiles(waits))
}

/// From the kill of a working process to its end being told.
async fn killed(engine: &Engine) -> Result<Value> {
    let (ticket, task) = engine.desk.ticket("SELECT SLEEP(30)").await?;
    engine.desk.runs_on_target("SLEEP(30)").await?;
    let worker = engine.worker(task).await?;
    let began = Instant::now();
    worker.signal(Signal::KILL)?;
    engine.reaches(ticket, TicketState::Lost).await?;
    Ok(json!(began.elapsed().as_millis()))
}

async fn ended(engine: &Engine, tasks: &[TaskId]) -> Result<()> {
    let (first, last) = (tasks.first().context("a task")?, tasks.last().context("a task")?);
    let ended = until("the tasks to end", LIMIT, || async {
        let open: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM task WHERE id BETWEEN ? AND ? AND ended_at IS NULL")
                .bind(first.0)
                .bind(last.0)
                .fetch_one(&engine.desk.pool)
                .await?;
        ensure!(open == 0, "{open} are open");
        Ok(())
    });
    ended.await.with_context(|| engine.log())
}

/// Scheduled tasks of tomorrow, straight into the table: filing so many tickets is another bench.
async fn fill(engine: &Engine, count: u64) -> Result<()> {
    sqlx::query(
        "INSERT INTO task (ticket_id, revision, state, due_at, total, created_at) \
         SELECT 1, 1, 'waiting', UTC_TIMESTAMP(3) + INTERVAL 1 DAY, 1, UTC_TIMESTAMP(3) \
         FROM seq_1_to_1000000 LIMIT ?",
    )
    .bind(count)
    .execute(&engine.desk.pool)
    .await?;
    Ok(())
}

/// Control and what it keeps ready, or what works.
fn memory(engine: &Engine) -> Result<Value> {
    let folder = engine.folder.path().to_string_lossy().into_owned();
    let (mut rss_kb, mut pss_kb, mut anon_kb, mut processes) = (0, 0, 0, 0);
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let command = Worker(pid).command();
        if !command.contains(&folder) || !command.contains("dbdesk.toml") {
            continue;
        }
        let Ok(rollup) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else { continue };
        let of = |key: &str| -> u64 {
            let line = rollup.lines().find(|line| line.starts_with(key));
            line.and_then(|line| line.split_ascii_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
        };
        rss_kb += of("Rss:");
        pss_kb += of("Pss:");
        // Without the programs' own files, whose pages the kernel shares and takes back.
        anon_kb += of("Pss_Anon:");
        processes += 1;
    }
    Ok(json!({ "rss_kb": rss_kb, "pss_kb": pss_kb, "anon_kb": anon_kb, "processes": processes }))
}

/// A hundred tasks that run at once.
async fn hundred() -> Result<Value> {
    let engine = Engine::with_room(100, 100).await?;
    for server in [&**engine.desk.store, &*engine.desk.target] {
        server.sql("SET GLOBAL max_connections = 1000").await?;
    }
    let _control = engine.control()?;
    for _ in 0..100 {
        engine.desk.ticket("SELECT SLEEP(20)").await?;
    }
    until("all to run", LIMIT, || async {
        let running: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM task WHERE in_flight IS NOT NULL")
            .fetch_one(&engine.desk.pool)
            .await?;
        ensure!(running == 100, "{running} run");
        Ok(())
    })
    .await?;
    memory(&engine)
}

fn print(celery: &Value, ours: &Value, hundred: &Value, scheduled: u64) {
    let row = |name: &str, theirs: &Value, ours: &Value| {
        let ratio = match (theirs.as_f64(), ours.as_f64()) {
            (Some(theirs), Some(ours)) if theirs > 0.0 => format!("{:.2}", ours / theirs),
            _ => "–".to_owned(),
        };
        println!("{name:<52} {:>12} {:>12} {ratio:>8}", theirs.to_string(), ours.to_string());
    };
    println!("{:<52} {:>12} {:>12} {:>8}", "", "Celery", "dbdesk", "ratio");
    row("enqueued, one producer, per s", &celery["enqueue_per_s"], &ours["enqueue_per_s"]);
    row("no-op tasks, 6 side by side, per s", &celery["tasks_per_s"], &ours["tasks_per_s"]);
    row("bare limit: launcher and empty program, per s", &Value::Null, &ours["bare_per_s"]);
    row("the same statement by `mariadb --execute`, per s", &Value::Null, &ours["connected_per_s"]);
    for (key, name) in [
        ("start", "enqueue → start at 20/s"),
        ("start_scheduled", "the same with scheduled tasks"),
        ("late", "start after the due time"),
    ] {
        for at in ["p50_ms", "p99_ms"] {
            row(&format!("{name}, {at}"), &celery[key][at], &ours[key][at]);
        }
    }
    for at in ["p50_ms", "p99_ms"] {
        row(&format!("launcher, {at}"), &Value::Null, &ours["spawn"]["launcher"][at]);
        row(
            &format!("launcher from 1 GB more, {at}"),
            &Value::Null,
            &ours["spawn"]["launcher_with_1_gb"][at],
        );
        row(&format!("dbdesk --version, {at}"), &Value::Null, &ours["spawn"]["dbdesk_itself"][at]);
    }
    for at in ["rss_kb", "pss_kb", "anon_kb"] {
        row(&format!("idle, {at}"), &celery["idle"][at], &ours["idle"][at]);
        row(&format!("with {scheduled} scheduled, {at}"), &celery["scheduled"][at], &ours["scheduled"][at]);
        row(&format!("with 100 tasks running, {at}"), &celery["hundred"][at], &hundred[at]);
    }
    row("kill -9 of a task → told, ms", &celery["killed_told_ms"], &ours["killed_told_ms"]);
}
