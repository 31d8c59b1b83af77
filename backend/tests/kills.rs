//! The process of a task is killed at random points of its work, under writes: each statement has run wholly or not at all, nothing of a
//! tool is left, the thread says so, and no acknowledged write is lost.
//!
//! `KILLS=100 KILLS_SEED=7` for more, or others.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "this uses what it needs")]
mod desk;
#[expect(dead_code, reason = "this uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::entry::{Event, Ran},
};
use desk::{Beyond, Desk, Wanted};
use lab::{MariaDb, MySql, Redis, until};
use parts::{
    Engine, Worker,
    chance::{Chance, asked},
};
use rustix::process::Signal;
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::watch;

const LIMIT: Duration = Duration::from_mins(1);
const ROWS: u32 = 40_000;
/// Rows that are changed in chunks of at most so many.
const MASS: u32 = 30_000;
const AT_ONCE: &str = "4000";

/// A piece of work, and how to see whether it ran: `all` or `none` of it.
struct Piece {
    sql: String,
    online: bool,
    ask: String,
    none: &'static str,
    all: String,
    /// A kill comes within so many milliseconds of the start.
    within_ms: u64,
}

fn piece(round: u64, kind: u64) -> Piece {
    let column = format!("c{round}");
    let is_there = |table: &str| {
        format!(
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = '{table}' AND column_name = '{column}'"
        )
    };
    match kind {
        0 => Piece {
            sql: format!("ALTER TABLE big ADD COLUMN {column} INT NULL"),
            online: true,
            ask: is_there("big"),
            none: "0",
            all: "1".into(),
            within_ms: 2_500,
        },
        1 => Piece {
            sql: format!("ALTER TABLE small ADD COLUMN {column} INT NULL, FORCE"),
            online: false,
            ask: is_there("small"),
            none: "0",
            all: "1".into(),
            within_ms: 300,
        },
        2 => Piece {
            sql: format!("UPDATE big SET tag = {round} WHERE id <= 3000"),
            online: false,
            ask: format!("SELECT COUNT(*) FROM shop.big WHERE tag = {round}"),
            none: "0",
            all: "3000".into(),
            within_ms: 600,
        },
        3 => Piece {
            sql: format!(
                "INSERT INTO small (id, tag) VALUES ({0}, {round}), ({0} + 1, {round})",
                1_000 + round * 2
            ),
            online: false,
            ask: format!("SELECT COUNT(*) FROM shop.small WHERE tag = {round}"),
            none: "0",
            all: "2".into(),
            within_ms: 350,
        },
        _ => Piece {
            sql: format!("DELETE FROM doomed WHERE round = {round}"),
            online: false,
            ask: format!("SELECT 500 - COUNT(*) FROM shop.doomed WHERE round = {round}"),
            none: "0",
            all: "500".into(),
            within_ms: 400,
        },
    }
}

/// `numbers`: a table of the numbers from 1 on, in a column `seq`; as the server has such.
async fn tables(engine: &Engine, rounds: u64, numbers: fn(u64) -> String) -> Result<()> {
    let (big, mass, doomed) = (numbers(ROWS.into()), numbers(MASS.into()), numbers(rounds * 500));
    engine
        .desk
        .target
        .sql(&format!(
            "USE shop; CREATE TABLE big (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, tag INT NULL, note VARCHAR(60) NOT NULL DEFAULT ''); \
             INSERT INTO big (note) SELECT REPEAT('x', seq % 60) FROM {big}; \
             CREATE TABLE small (id INT PRIMARY KEY, tag INT NULL); INSERT INTO small (id) SELECT seq FROM {0}; \
             CREATE TABLE mass (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0); INSERT INTO mass (id) SELECT seq FROM {mass}; \
             CREATE TABLE doomed (id INT AUTO_INCREMENT PRIMARY KEY, round INT NOT NULL, KEY idx_round (round)); \
             INSERT INTO doomed (round) SELECT seq % {rounds} FROM {doomed}",
            numbers(500)
        ))
        .await
        .map(drop)
}

async fn state(engine: &Engine, ticket: TicketId) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT state FROM ticket WHERE id = ?")
        .bind(ticket.0)
        .fetch_one(&engine.desk.pool)
        .await?)
}

async fn found(engine: &Engine, ticket: TicketId) -> Result<Vec<Event>> {
    let texts: Vec<String> = sqlx::query_scalar(
        "SELECT event FROM entry WHERE ticket_id = ? AND JSON_VALUE(event, '$.kind') = 'found' ORDER BY id",
    )
    .bind(ticket.0)
    .fetch_all(&engine.desk.pool)
    .await?;
    texts.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}

async fn killed(engine: &Engine, task: TaskId, after: Duration) -> Result<bool> {
    until("it to be claimed", LIMIT, || async {
        let row = engine.desk.task(task).await?;
        ensure!(row.pid.is_some() && row.started_at.is_some(), "nobody has it");
        Ok(())
    })
    .await?;
    tokio::time::sleep(after).await;
    let pid = engine.desk.task(task).await?.pid.context("a process")?;
    let worker = Worker(pid);
    if !worker.command().contains("dbdesk-run") {
        return Ok(false);
    }
    Ok(worker.signal(Signal::KILL).is_ok())
}

/// Nothing of a tool, and no table that was not there before.
async fn nothing_is_left(engine: &Engine) -> Result<()> {
    let left = engine
        .desk
        .target
        .sql(
            "SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers WHERE trigger_schema = 'shop' UNION ALL \
             SELECT CONCAT('table ', table_name) FROM information_schema.tables WHERE table_schema = 'shop' \
             AND table_name NOT IN ('big', 'small', 'doomed', 'mass', 'done')",
        )
        .await?;
    ensure!(left.is_empty(), "there is left: {left}");
    Ok(())
}

/// How it ended; where it was lost, what became of it, which is told once more than `before`.
async fn ended(engine: &Engine, ticket: TicketId, before: usize) -> Result<(String, Option<Event>)> {
    until("its ticket to end", LIMIT, || async {
        let state = state(engine, ticket).await?;
        ensure!(["done", "failed", "lost"].contains(&state.as_str()), "it is {state}");
        Ok(())
    })
    .await?;
    let ended = state(engine, ticket).await?;
    if ended != "lost" {
        return Ok((ended, None));
    }
    until("what became of it to be told", LIMIT, || async {
        ensure!(found(engine, ticket).await?.len() > before, "not yet");
        Ok(())
    })
    .await?;
    Ok((ended, found(engine, ticket).await?.pop()))
}

/// The `time`th change of every row of a table: whatever is killed, the next task goes on at the chunk, and each row changes once.
async fn mass(engine: &Engine, time: u64, chance: &mut Chance) -> Result<String> {
    let sql = "UPDATE mass SET n = n + 1";
    let wanted = Wanted { sql, beyond: Beyond::OneChunk, is_offered: false, ..Wanted::default() };
    let (ticket, mut task) = engine.desk.wanted(&wanted).await?;
    let (mut kills, mut lost) = (0, 0);
    loop {
        let after = Duration::from_millis(chance.below(900));
        kills += u32::from(killed(engine, task, after).await?);
        let (state, told) = ended(engine, ticket, lost).await?;
        let done =
            engine.desk.target.sql(&format!("SELECT COUNT(*) FROM shop.mass WHERE n = {time}")).await?;
        let done: u64 = done.parse()?;
        let others = format!("SELECT COUNT(*) FROM shop.mass WHERE n NOT IN ({time}, {time} - 1)");
        ensure!(engine.desk.target.sql(&others).await? == "0", "a row changed twice");
        if state == "done" {
            ensure!(done == u64::from(MASS), "{done} of {MASS} rows changed");
            return Ok(format!("{sql}: {kills} kills, {lost} in a statement, each row once"));
        }
        let noted: Option<u64> = sqlx::query_scalar(
            "SELECT row_count FROM chunk WHERE ticket_id = ? ORDER BY task_id DESC LIMIT 1",
        )
        .bind(ticket.0)
        .fetch_optional(&engine.desk.pool)
        .await?;
        ensure!(noted.unwrap_or_default() == done, "{noted:?} noted, {done} changed: {told:?}");
        lost += usize::from(state == "lost");
        task = engine.desk.again(ticket, task).await?;
    }
}

async fn round(engine: &Engine, piece: Piece, chance: &mut Chance) -> Result<String> {
    let wanted = Wanted { sql: &piece.sql, online: piece.online, is_offered: false, ..Wanted::default() };
    let (ticket, task) = engine.desk.wanted(&wanted).await?;
    let after = Duration::from_millis(chance.below(piece.within_ms));
    let killed = killed(engine, task, after).await?;
    let (ended, told) = ended(engine, ticket, 0).await?;
    until("nothing to be left", LIMIT, || nothing_is_left(engine)).await?;
    let is = engine.desk.target.sql(&piece.ask).await?;
    let ran = is == piece.all;
    ensure!(ran || is == piece.none, "{} ran in part: {is}", piece.sql);
    let said = match told {
        Some(Event::Found { ran: Ran::Yes, .. }) => Some(true),
        Some(Event::Found { ran: Ran::No, .. }) => Some(false),
        Some(other) => anyhow::bail!("{}: {other:?}", piece.sql),
        None => (ended == "done").then_some(true).or_else(|| (ended == "failed").then_some(false)),
    };
    ensure!(said == Some(ran), "{}: it is {ended}, told {said:?}, and ran: {ran}", piece.sql);
    Ok(format!(
        "{} after {} ms ({}): {ended}, {}",
        piece.sql,
        after.as_millis(),
        if killed { "killed" } else { "too late" },
        if ran { "ran" } else { "did not run" }
    ))
}

/// Writes into the table that is changed; gives the ids that were acknowledged.
async fn writes(url: String, stop: watch::Receiver<bool>) -> Result<(Vec<u64>, BTreeMap<String, u32>)> {
    let pool = sqlx::MySqlPool::connect(&url).await?;
    let (mut written, mut errors) = (Vec::new(), BTreeMap::<String, u32>::new());
    while !*stop.borrow() {
        let insert = "INSERT INTO big (tag, note) VALUES (-1, 'acknowledged')";
        match sqlx::raw_sql(insert).execute(&pool).await {
            Ok(done) => written.push(done.last_insert_id()),
            // The tool's chunk and a write may deadlock, and one that meets the swap may still look for the copy (both are so with the
            // bare tool): it is told so, was not acknowledged, and an application tries again.
            Err(error) if passes(&error.to_string()) => *errors.entry(error.to_string()).or_default() += 1,
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((written, errors))
}

fn passes(error: &str) -> bool {
    error.contains("Deadlock") || error.contains("1146") && error.contains("_dbdesk_t")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_dies_wherever_a_statement_ran_wholly_or_not_at_all() -> Result<()> {
    fn numbers(count: u64) -> String {
        format!("seq_1_to_{count}")
    }
    survives(Engine::start().await?, asked("KILLS", 18), numbers, &[]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_is_on_mysql() -> Result<()> {
    fn numbers(count: u64) -> String {
        format!(
            "(WITH RECURSIVE counted (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM counted WHERE seq < {count}) SELECT seq FROM counted) numbers"
        )
    }
    let (store, target, program) = tokio::try_join!(MariaDb::start(), MySql::start(), MySql::online_tool())?;
    target.sql("SET GLOBAL cte_max_recursion_depth = 1000000").await?;
    let (desk, redis) = tokio::try_join!(Desk::with(Box::new(store), Box::new(target)), Redis::start())?;
    let engine = Engine::of(desk, redis, (8, 4))?;
    let program = program.display().to_string();
    survives(engine, asked("KILLS", 12), numbers, &[("DBDESK__DDL__ONLINE_PROGRAM", &program)]).await
}

/// So many kills.
async fn survives(
    engine: Engine,
    rounds: u64,
    numbers: fn(u64) -> String,
    told: &[(&str, &str)],
) -> Result<()> {
    let seed = asked("KILLS_SEED", 7);
    tables(&engine, rounds.max(1), numbers).await?;
    let key = "5a".repeat(32);
    let usual = [
        ("DBDESK__BACKUP__SECRET_KEY", key.as_str()),
        ("DBDESK__BACKUP__ROWS", AT_ONCE),
        ("DBDESK__DDL__CHUNK_MS", "20"),
    ];
    let control = engine.control_told(&[&usual, told].concat())?;
    let (stop, stopped) = watch::channel(false);
    let writing = tokio::spawn(writes(engine.desk.target.url("shop"), stopped));
    let mut chance = Chance(seed.max(1));
    for number in 0..rounds {
        let told = match number % 6 {
            5 => mass(&engine, number / 6 + 1, &mut chance).await,
            kind => round(&engine, piece(number, kind), &mut chance).await,
        };
        let told = told.with_context(|| format!("round {number}"))?;
        eprintln!("round {number}: {told}");
    }
    stop.send_replace(true);
    let (written, errors) = writing.await??;
    let there: Vec<u64> = {
        let pool = sqlx::MySqlPool::connect(&engine.desk.target.url("shop")).await?;
        sqlx::query_scalar::<_, u32>("SELECT id FROM big WHERE note = 'acknowledged' ORDER BY id")
            .fetch_all(&pool)
            .await?
            .into_iter()
            .map(u64::from)
            .collect()
    };
    let lost: Vec<&u64> = written.iter().filter(|id| there.binary_search(id).is_err()).collect();
    ensure!(lost.is_empty(), "of {} acknowledged writes these are lost: {lost:?}", written.len());
    eprintln!(
        "{rounds} kills, {} acknowledged writes, none lost; told to try again: {errors:?}",
        written.len()
    );
    drop(control);
    Ok(())
}
