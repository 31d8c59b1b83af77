//! When a control looks: at a hint, at the next due time, and when nobody took what it offered.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{id::TaskId, point::Points};
use dbdesk_schedule::{
    Hands, Redis, Settings,
    control::{Stuck, control},
    force::Means,
    wake,
};
use dbdesk_store::{
    control::{self as registry, About},
    run::Claimant,
};
use desk::{Desk, LIMIT, Wanted, admission, clock};
use std::sync::{Arc, Mutex};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

fn about(name: &str, host: &str) -> About {
    About {
        name: name.into(),
        process: Claimant { host: host.into(), boot_id: "this boot".into(), pid: 7, pid_start: 7 },
        version: "0".into(),
        protocol: 1,
        labels: Vec::new(),
        tasks_at_once: 100,
    }
}

/// A control whose launches are only written down.
struct Control {
    launched: Arc<Mutex<Vec<TaskId>>>,
    stop: watch::Sender<bool>,
    work: JoinHandle<Result<(), Stuck>>,
}

impl Control {
    fn start(desk: &Desk, redis: &Redis, change: impl FnOnce(&mut Settings)) -> Self {
        let launched: Arc<Mutex<Vec<TaskId>>> = Arc::default();
        let seen = Arc::clone(&launched);
        let hands = Hands {
            launch: Arc::new(move |task| {
                seen.lock().unwrap().push(task);
                Ok(())
            }),
            gone: Arc::new(|held| held.boot_id != "this boot"),
            known: Arc::new(|_| None),
            seen: Arc::new(|_| Box::pin(std::future::ready(None))),
            means: Means {
                signal: Arc::new(|_, _| Ok(false)),
                stop_query: Arc::new(|_| Box::pin(std::future::ready(None))),
            },
            end: Arc::new(|_| Box::pin(std::future::pending())),
            kept: Arc::new(Vec::new),
            forget: Arc::new(|_, _| {}),
            sweep: Arc::new(|_| {}),
            points: Points::default(),
        };
        let mut settings = Settings::usual(about("one", "here"), admission(100));
        change(&mut settings);
        let (stop, stopped) = watch::channel(false);
        let work =
            control(settings, desk.pool.clone(), redis.clone(), clock(), hands, mpsc::channel(1).1, stopped);
        Self { launched, stop, work: tokio::spawn(work) }
    }

    async fn launches(&self, task: TaskId, times: usize) -> Result<()> {
        lab::until(&format!("{task} to be launched {times} times"), LIMIT, || async {
            let launched = self.launched.lock().unwrap().clone();
            ensure!(launched.iter().filter(|seen| **seen == task).count() >= times, "launched: {launched:?}");
            Ok(())
        })
        .await
    }

    async fn end(self) -> Result<()> {
        self.stop.send(true)?;
        Ok(self.work.await??)
    }
}

async fn parts() -> Result<(Desk, lab::Redis, Redis)> {
    let (desk, lab) = tokio::try_join!(Desk::start(), lab::Redis::start())?;
    let redis = Redis::new(redis::Client::open(lab.url())?)?;
    Ok((desk, lab, redis))
}

const NEVER_MS: u64 = 3_600_000;

#[tokio::test]
async fn a_hint_is_enough_no_tick_is_needed() -> Result<()> {
    let (desk, _lab, redis) = parts().await?;
    let control = Control::start(&desk, &redis, |settings| settings.tick_ms = NEVER_MS);
    let (_, first) = desk.ticket("DELETE FROM done").await?;
    control.launches(first, 1).await?;
    let (ticket, second) = desk.ticket("DELETE FROM done").await?;
    wake::once(&redis, ticket).await;
    control.launches(second, 1).await?;
    control.end().await
}

#[tokio::test]
async fn a_tick_is_enough_no_hint_is_needed() -> Result<()> {
    let (desk, _lab, redis) = parts().await?;
    let control = Control::start(&desk, &redis, |settings| settings.tick_ms = 100);
    control.launches(desk.ticket("DELETE FROM done").await?.1, 1).await?;
    control.launches(desk.ticket("DELETE FROM done").await?.1, 1).await?;
    control.end().await
}

#[tokio::test]
async fn control_sleeps_until_the_next_due_time_and_not_for_a_whole_tick() -> Result<()> {
    let (desk, _lab, redis) = parts().await?;
    let due_in = TimeDelta::milliseconds(700);
    let soon = Wanted { sql: "DELETE FROM done", due_in, ..Wanted::default() };
    let (_, task) = desk.wanted(&soon).await?;
    let control = Control::start(&desk, &redis, |settings| settings.tick_ms = NEVER_MS);
    control.launches(task, 1).await?;
    assert!(clock().now() >= desk.task(task).await?.due_at, "not before its time");
    control.end().await
}

#[tokio::test]
async fn a_control_that_waits_in_vain_for_a_store_that_vanished_without_a_word_says_so_and_ends() -> Result<()>
{
    let (mut desk, _lab, redis) = parts().await?;
    let proxy = lab::Proxy::start(desk.store.port()).await?;
    desk.connect.port = proxy.port();
    desk.pool = dbdesk_store::pool(&desk.connect);
    let control = Control::start(&desk, &redis, |settings| settings.stuck_ms = 4_000);
    control.launches(desk.ticket("DELETE FROM done").await?.1, 1).await?;
    proxy.freeze();
    let ended = tokio::time::timeout(LIMIT, control.work).await??;
    let told = ended.unwrap_err().to_string();
    ensure!(told.contains("has not come round for 4 s"), "{told}");
    Ok(())
}

#[tokio::test]
async fn what_was_offered_and_never_claimed_is_offered_again_also_after_a_flush() -> Result<()> {
    let (desk, lab, redis) = parts().await?;
    let quick = |settings: &mut Settings| (settings.tick_ms, settings.offer_again_ms) = (50, 200);
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    // Whoever launched it died before the claim, with all it knew; so did Redis.
    for _ in 0..3 {
        let control = Control::start(&desk, &redis, quick);
        control.launches(task, 1).await?;
        control.end().await?;
        lab.flush().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_control_that_is_to_drain_takes_nothing_more_and_ends() -> Result<()> {
    let (desk, _lab, redis) = parts().await?;
    let mut one = Control::start(&desk, &redis, |settings| settings.tick_ms = 50);
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    one.launches(task, 1).await?;
    assert_eq!(registry::drain(&desk.pool, Some("here")).await?, ["one"]);
    // What it started claims its task; then it ends by itself.
    sqlx::query("UPDATE task SET state = 'cancelled'").execute(&desk.pool).await?;
    tokio::time::timeout(LIMIT, &mut one.work).await???;
    assert!(registry::all(&desk.pool).await?.is_empty(), "it said good-bye");
    let (_, next) = desk.ticket("DELETE FROM done").await?;
    let two = Control::start(&desk, &redis, |settings| {
        settings.tick_ms = 50;
        settings.about = about("two", "here");
    });
    two.launches(next, 1).await?;
    assert!(!one.launched.lock().unwrap().contains(&next));
    two.end().await
}

#[tokio::test]
async fn of_two_machines_with_one_name_neither_takes_the_others_processes_for_gone() -> Result<()> {
    let (desk, _lab, redis) = parts().await?;
    let (_, task) = desk.ticket("DELETE FROM done").await?;
    let there = Claimant { boot_id: "another boot".into(), ..about("two", "here").process };
    registry::seen(&desk.pool, &About { process: there.clone(), ..about("two", "here") }, clock().now())
        .await?;
    let claim =
        dbdesk_store::run::claim(&desk.pool, task, &there, NEVER_MS, &admission(4), clock().now()).await?;
    assert!(matches!(claim, dbdesk_store::run::Claim::Ours(_)));
    let one = Control::start(&desk, &redis, |settings| settings.tick_ms = 20);
    // It has looked often: each look of the other's keeps the clash fresh.
    for _ in 0..20 {
        registry::seen(&desk.pool, &About { process: there.clone(), ..about("two", "here") }, clock().now())
            .await?;
        wake::once(&redis, desk.task(task).await?.ticket).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(desk.task(task).await?.state, dbdesk_commands::wire::task::TaskState::Running);
    one.end().await
}
