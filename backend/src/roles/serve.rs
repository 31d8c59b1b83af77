//! `dbdesk serve`: the HTTP API. It keeps nothing: any number of them may run, and each may be killed at any moment.

use super::{clock::StoreTime, machine, migrate};
use crate::{
    api,
    config::Config,
    desk::{Bell, Desk, LiveBell},
    metrics::Metrics,
};
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use dbdesk_commands::{clock::Clock, point::Points};
use dbdesk_schedule::{Redis, Waker, wake};
use dbdesk_store::{Pool, audit::Origin, idempotency, script_artifact};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

/// Between two looks for old idempotency keys.
const PURGE_EVERY: Duration = Duration::from_mins(10);
/// So long a key is known.
const KEYS_LAST: TimeDelta = TimeDelta::hours(24);
/// So long a file that a script has handed over is kept; in its thread it stays.
const ARTIFACTS_LAST: TimeDelta = TimeDelta::days(7);
/// The store, which was just asked for its tables, may take so long to tell its time.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The last hints may take so long to be sent.
const HINT_LIMIT: Duration = Duration::from_millis(500);

/// Serves until it is asked to end; then answers what is in flight.
pub async fn run(config: Config, points: Points) -> Result<()> {
    let stop = machine::stop()?;
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    let time = tokio::time::timeout(TIME_LIMIT, StoreTime::known(&store)).await;
    let time = time.context("the store does not tell its time")?;
    let seeded = migrate::seed(&store, &config, Origin::default(), time.clock().now()).await?;
    if let Some(fault) = seeded.fault() {
        tracing::error!(fault, "people were not all put into the store");
    }
    let redis = Redis::new(config.redis.client()?)?;
    let waker = Waker::start(&redis);
    let listen = config.api.listen.clone();
    let listener = TcpListener::bind(&listen)
        .await
        .with_context(|| format!("api.listen: {listen} can not be listened on"))?;
    let shutdown = Duration::from_millis(config.api.shutdown_ms);
    let bell = Bell::default();
    let hearing = tokio::spawn({
        let (redis, bell) = (redis.clone(), bell.clone());
        async move { wake::listen(&redis, move |_| bell.ring()).await }
    });
    let live = LiveBell::default();
    let hearing_live = tokio::spawn({
        let (redis, live) = (redis.clone(), live.clone());
        async move { wake::listen_live(&redis, move |ticket| live.ring(ticket)).await }
    });
    let purging = tokio::spawn(purge(store.clone(), time.clock()));
    let keeping = tokio::spawn(time.clone().keep(store.clone()));
    let desk = Arc::new(Desk {
        requests: Semaphore::new(config.api.requests_at_once),
        reviews: Semaphore::new(config.api.reviews_at_once.max(1)),
        shadows: Arc::new(Semaphore::new(config.shadow.at_once.max(1))),
        config,
        store: store.clone(),
        redis,
        clock: time.clock(),
        chance: machine::chance(),
        bell: bell.clone(),
        live,
        tell: Box::new(waker.hand()),
        offer: Box::new(waker.offer_hand()),
        metrics: Metrics::default(),
        points,
        stop: stop.clone(),
    });
    tracing::info!(%listen, "the API answers");
    serve(listener, desk, bell, stop, shutdown).await?;
    hearing.abort();
    hearing_live.abort();
    purging.abort();
    keeping.abort();
    store.close().await;
    waker.finish(HINT_LIMIT).await;
    tracing::info!("the API ends");
    Ok(())
}

async fn serve(
    listener: TcpListener,
    desk: Arc<Desk>,
    bell: Bell,
    mut stop: watch::Receiver<bool>,
    shutdown: Duration,
) -> Result<()> {
    let mut late = stop.clone();
    let asked = async move {
        let _ = stop.wait_for(|stop| *stop).await;
        // Whoever waits for news looks up, and sees that it is over.
        bell.ring();
    };
    let answered =
        axum::serve(listener, api::router(desk).into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(asked);
    tokio::select! {
        ended = answered => ended.context("the API stopped listening"),
        () = async {
            let _ = late.wait_for(|stop| *stop).await;
            tokio::time::sleep(shutdown).await;
        } => {
            tracing::warn!("requests in flight were given up");
            Ok(())
        }
    }
}

async fn purge(store: Pool, clock: Clock) {
    loop {
        match idempotency::purge(&store, clock.now() - KEYS_LAST).await {
            Ok(0) => {}
            Ok(gone) => tracing::debug!(gone, "old idempotency keys were forgotten"),
            Err(error) => tracing::warn!(%error, "old idempotency keys were not forgotten"),
        }
        match script_artifact::purge(&store, clock.now() - ARTIFACTS_LAST).await {
            Ok(0) => {}
            Ok(gone) => tracing::debug!(gone, "old files of scripts were removed"),
            Err(error) => tracing::warn!(%error, "old files of scripts were not removed"),
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}
