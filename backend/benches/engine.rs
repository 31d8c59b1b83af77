//! How fast the engine is, with a process for each task: `make bench`, or `cargo bench -p dbdesk --bench engine`.
//!
//! Prints the time from a ticket's approval to its claim, for one task at a time and for 20 a second, and how many tasks that do
//! nothing end in a second. Nothing is asserted: figures of a shared machine are to be read as ratios.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "the bench uses what it needs")]
mod desk;
#[path = "../tests/parts/mod.rs"]
#[expect(dead_code, reason = "the bench uses what it needs")]
mod parts;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{id::TaskId, wire::task::TaskState};
use dbdesk_schedule::{Redis, wake};
use lab::until;
use parts::Engine;
use std::time::{Duration, Instant};

/// Starts nothing that takes time: what is measured is the way there.
const NOTHING: &str = "DO 0";
const LIMIT: Duration = Duration::from_mins(2);
const SAMPLES: usize = 100;
const BURST: usize = 200;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let engine = Engine::with_room(16, 16).await?;
    let redis = Redis::new(redis::Client::open(engine.redis.url())?)?;
    let _control = engine.control()?;
    let (_, first) = engine.desk.ticket(NOTHING).await?;
    end(&engine, &[first]).await?;

    let mut tasks = Vec::new();
    for _ in 0..SAMPLES {
        tasks.push(approve(&engine, &redis).await?);
        end(&engine, &tasks[tasks.len() - 1..]).await?;
    }
    print("one at a time", &engine, &tasks).await?;

    let mut tasks = Vec::new();
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    for _ in 0..SAMPLES {
        beat.tick().await;
        tasks.push(approve(&engine, &redis).await?);
    }
    end(&engine, &tasks).await?;
    print("20 a second", &engine, &tasks).await?;

    let started = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..BURST {
        tasks.push(approve(&engine, &redis).await?);
    }
    end(&engine, &tasks).await?;
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let rate = BURST as f64 / seconds;
    println!("{BURST} at once, 16 side by side: {rate:.0} tasks/s, from the first approval to the last end");
    Ok(())
}

async fn approve(engine: &Engine, redis: &Redis) -> Result<TaskId> {
    let (ticket, task) = engine.desk.ticket(NOTHING).await?;
    wake::once(redis, ticket).await;
    Ok(task)
}

async fn end(engine: &Engine, tasks: &[TaskId]) -> Result<()> {
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
    ended.await.with_context(|| engine.log())?;
    let state = engine.desk.task(*last).await?.state;
    ensure!(state == TaskState::Succeeded, "{last} {}", state.word());
    Ok(())
}

async fn print(name: &str, engine: &Engine, tasks: &[TaskId]) -> Result<()> {
    let mut waits: Vec<TimeDelta> = Vec::new();
    for task in tasks {
        let row: (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) =
            sqlx::query_as("SELECT created_at, started_at FROM task WHERE id = ?")
                .bind(task.0)
                .fetch_one(&engine.desk.pool)
                .await?;
        waits.push(row.1 - row.0);
    }
    waits.sort_unstable();
    let at =
        |percent: usize| waits.get((waits.len() - 1) * percent / 100).map_or(0, TimeDelta::num_milliseconds);
    println!("approved → claimed, {name}: p50 {} ms, p99 {} ms, longest {} ms", at(50), at(99), at(100));
    Ok(())
}
