//! When a control looks: at a hint, at the next due time, and when nobody took what it offered.

#[path = "../../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::id::TaskId;
use dbdesk_schedule::{Hands, Redis, Settings, control::control, dispatch::Room, wake};
use desk::{Desk, LIMIT, Wanted, clock};
use std::sync::{Arc, Mutex};
use tokio::{sync::watch, task::JoinHandle};

/// A control whose launches are only written down.
struct Control {
    launched: Arc<Mutex<Vec<TaskId>>>,
    stop: watch::Sender<bool>,
    work: JoinHandle<()>,
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
            gone: Arc::new(|_| false),
            known: Arc::new(|_| None),
            end: Arc::new(|_| Box::pin(std::future::pending())),
            kept: Arc::new(Vec::new),
            forget: Arc::new(|_, _| {}),
            sweep: Arc::new(|_| {}),
        };
        let mut settings =
            Settings::usual("one".into(), "here".into(), Room { per_host: 100, per_group: 100 });
        change(&mut settings);
        let (stop, stopped) = watch::channel(false);
        let work = control(settings, desk.pool.clone(), redis.clone(), clock(), hands, stopped);
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
        Ok(self.work.await?)
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
    let soon = Wanted {
        sql: "DELETE FROM done",
        due_in: TimeDelta::milliseconds(700),
        approval_lasts: TimeDelta::hours(1),
    };
    let (_, task) = desk.wanted(&soon).await?;
    let control = Control::start(&desk, &redis, |settings| settings.tick_ms = NEVER_MS);
    control.launches(task, 1).await?;
    assert!(clock().now() >= desk.task(task).await?.due_at, "not before its time");
    control.end().await
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
