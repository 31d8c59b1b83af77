//! A desk whose target has a replica that can be put behind.

use crate::{
    desk::{Desk, SHOP, instance, put_with},
    working::Working,
};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::{
    group::InstanceRole,
    live::{Online, OnlineWaits},
    throttle::Throttle,
};
use dbdesk_components::mysql::online;
use lab::{Cluster, MariaDb, Server, until};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(1);

pub struct Replicated {
    pub desk: Desk,
    pub replica: MariaDb,
}

impl Replicated {
    pub async fn start() -> Result<Self> {
        let (store, cluster) = tokio::try_join!(MariaDb::start(), Cluster::start(1))?;
        let Cluster { primary, mut replicas } = cluster;
        let replica = replicas.pop().context("a replica")?;
        // Each server of the lab makes that account for itself.
        let (user, password) = (Server::USER, primary.password());
        replica
            .sql(&format!("SET SESSION sql_log_bin = 0; ALTER USER '{user}'@'%' IDENTIFIED BY '{password}'"))
            .await?;
        let desk = Desk::with(Box::new(store), Box::new(primary)).await?;
        let servers = vec![
            instance(desk.target.port(), InstanceRole::Primary),
            instance(replica.port(), InstanceRole::Replica),
        ];
        put_with(&desk.pool, SHOP, servers).await?;
        Ok(Self { desk, replica })
    }

    /// From now on the replica makes nothing of what comes; how far it is behind it does not say.
    pub async fn stops(&self) -> Result<()> {
        self.replica.sql("STOP SLAVE SQL_THREAD").await.map(drop)
    }

    /// From now on it makes what comes an hour late, and says how far it is behind.
    pub async fn falls_behind(&self) -> Result<()> {
        self.replica.sql("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 3600; START SLAVE").await?;
        self.desk.target.sql("INSERT INTO shop.done (what) VALUES ('something that comes late')").await?;
        Ok(())
    }

    /// Waits until it says that it is farther behind than this.
    pub async fn is_behind(&self, lag_ms: u64) -> Result<()> {
        let options = MySqlConnectOptions::new()
            .host("127.0.0.1")
            .port(self.replica.port())
            .username(Server::USER)
            .password(self.desk.target.password());
        until("the replica to be behind", LIMIT, || async {
            let lag = online::lag(&options, LIMIT).await;
            ensure!(lag.is_some_and(|lag| lag > lag_ms), "{lag:?} ms");
            Ok(())
        })
        .await
    }

    /// It makes all that has come.
    pub async fn catches_up(&self) -> Result<()> {
        self.replica.sql("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 0; START SLAVE").await.map(drop)
    }

    /// The work waits for the replica, and says so.
    pub fn is_waited_for(&self, online: &Online) -> bool {
        let instance = instance(self.replica.port(), InstanceRole::Replica).to_string();
        online.waits == Some(OnlineWaits::Replica { instance })
    }

    /// A DBA says how far a replica may be behind.
    pub async fn may_be_behind(&self, working: &Working, max_lag_ms: u64) -> Result<()> {
        let mut tx = dbdesk_store::begin(&self.desk.pool).await?;
        let throttle = Throttle { max_lag_ms: Some(max_lag_ms), max_load: None };
        dbdesk_store::ticket::throttle(&mut tx, working.ticket, throttle).await?;
        Ok(tx.commit().await?)
    }

    /// How the work is shown, as soon as it fits.
    pub async fn shows(&self, working: &Working, what: &str, fits: impl Fn(&Online) -> bool) -> Result<()> {
        until(what, LIMIT, || async {
            let live = dbdesk_store::live::of_ticket(&self.desk.pool, working.ticket).await?;
            let Some((_, progress)) = live.first() else {
                anyhow::bail!("nothing is shown: {}", self.desk.story(working.ticket).await?);
            };
            let online = progress.online.clone().context("nothing is shown of it")?;
            ensure!(fits(&online), "it shows {progress:?}");
            Ok(())
        })
        .await
    }
}
