//! `make bench-ddl`: pt-online-schema-change under the desk beside the bare tool, with the same options on the same table, in turns.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "the bench uses what it needs")]
mod desk;

use anyhow::{Result, ensure};
use dbdesk_components::osc::{Job, Pt, Tool};
use dbdesk_executor::{
    pen::Pen,
    process,
    run::{self, Account, Ddl, Outcome, Settings},
};
use dbdesk_ticket::machine::TaskEnd;
use desk::{Desk, Wanted, clock};
use lab::Server;
use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

#[expect(clippy::disallowed_methods, reason = "how much is asked for from outside")]
fn asked(name: &str, default: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn table(desk: &Desk, rows: u32) -> Result<()> {
    desk.target
        .sql(&format!(
            "USE shop; CREATE TABLE big (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, state TINYINT NOT NULL, \
             price DECIMAL(12, 2) NOT NULL, note VARCHAR(100) NOT NULL, at DATETIME NOT NULL, KEY idx_customer (customer), KEY idx_at (at)); \
             INSERT INTO big (customer, state, price, note, at) SELECT (seq * 7919) % 100000, seq % 5, seq / 100, REPEAT('x', 40 + seq % 60), \
             '2026-01-01' + INTERVAL seq SECOND FROM seq_1_to_{rows}"
        ))
        .await
        .map(drop)
}

async fn by_the_desk(desk: &Desk) -> Result<Duration> {
    let state = tempfile::tempdir()?;
    let wanted = Wanted { sql: "ALTER TABLE big ENGINE = InnoDB", online: true, ..Wanted::default() };
    let (ticket, task) = desk.wanted(&wanted).await?;
    let password = desk.target.password().to_owned();
    let account = Arc::new(move |_: &str| Account { user: Server::USER.into(), password: password.clone() });
    let ddl = Ddl { set_aside_in: None, ..Ddl::default() };
    let settings =
        Settings { ddl, ..Settings::usual(desk.connect.clone(), account, state.path().to_owned()) };
    let pen = Pen::new(None, settings.store.clone(), desk::admission(4), Arc::new(|_| {}));
    let (_stop, stopped) = watch::channel(false);
    let by = process::claimant("here", std::process::id())?;
    let start = Instant::now();
    let outcome = Box::pin(run::run(task, by, pen, settings, clock(), stopped)).await?;
    let took = start.elapsed();
    ensure!(
        matches!(outcome, Outcome::Ended(TaskEnd::Succeeded)),
        "{outcome:?}: {}",
        desk.story(ticket).await?
    );
    Ok(took)
}

/// The same options, but for what steers it.
async fn bare(desk: &Desk) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let job = Job {
        host: "127.0.0.1".into(),
        port: desk.target.port(),
        database: "shop".into(),
        table: "big".into(),
        alter: "ENGINE = InnoDB".into(),
        copy: "_big_new".into(),
        folder: folder.path().to_owned(),
        chunk: Duration::from_millis(Ddl::default().chunk_ms),
        lock_wait_s: Ddl::default().lock_wait_s,
        ..Job::default()
    };
    let account = format!("[client]\nuser={}\npassword={}\n", Server::USER, desk.target.password());
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(job.account_file())?;
    std::io::Write::write_all(&mut file, account.as_bytes())?;
    let command = Pt::default().prepare(&job)?;
    let steers = |word: &String| word.starts_with("--plugin") || word.starts_with("--check-slave-lag");
    let words = command.arguments.iter().filter(|word| !steers(word));
    let start = Instant::now();
    let ended = tokio::process::Command::new(&command.program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await?;
    ensure!(ended.success(), "the bare tool: {ended}");
    // As the desk's time has it, too.
    desk.target.sql("DROP TABLE shop._big_old").await?;
    Ok(start.elapsed())
}

fn median(mut all: Vec<Duration>) -> f64 {
    all.sort_unstable();
    all.get(all.len() / 2).map_or(0.0, Duration::as_secs_f64)
}

#[tokio::main]
async fn main() -> Result<()> {
    let (rows, turns) = (asked("BENCH_ROWS", 1_000_000), asked("BENCH_TURNS", 5));
    let desk = Desk::start().await?;
    table(&desk, rows).await?;
    bare(&desk).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 1..=turns {
        without.push(bare(&desk).await?);
        with.push(by_the_desk(&desk).await?);
        let [bare, desk] = [&without, &with].map(|all| all.last().map_or(0.0, Duration::as_secs_f64));
        println!("turn {turn}: bare {bare:.2} s, under dbdesk {desk:.2} s");
    }
    let (bare, desk) = (median(without), median(with));
    let rate = |seconds: f64| f64::from(rows) / seconds;
    println!("{rows} rows, medians of {turns} turns");
    println!("bare pt-online-schema-change  {bare:>7.2} s {:>9.0} rows/s", rate(bare));
    println!("the same under dbdesk         {desk:>7.2} s {:>9.0} rows/s", rate(desk));
    println!("rows/s under dbdesk : bare    {:>7.3}", bare / desk);
    Ok(())
}
