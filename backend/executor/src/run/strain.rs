//! How strained the servers are while a table is copied or changed in chunks, and whether the tool's lock keeps others waiting.

use super::{Account, Work, ledger::Halt};
use dbdesk_cmdb::Instance;
use dbdesk_commands::wire::{group::InstanceRole, live::OnlineWaits, throttle::Limits};
use dbdesk_components::mysql::{
    online::{Eye, Strain, lag},
    target::kill_query,
};
use futures_util::future::join_all;
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};
use tokio::{sync::watch, task::JoinHandle};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks at who waits for the tool's lock.
const GUARD_EVERY: Duration = Duration::from_millis(200);
/// Others may wait for the tool's lock for so long.
const OTHERS_WAIT: Duration = Duration::from_secs(1);

/// What is seen, as long as this is kept.
pub(super) struct Watched {
    replicas: Vec<Instance>,
    strain: watch::Receiver<Strain>,
    /// The tool's connection, while it waits for a lock or holds it.
    guarded: watch::Sender<Option<u64>>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// A primary and its replicas, and who goes there.
pub(super) struct Servers {
    pub(super) account: Account,
    primary: MySqlConnectOptions,
    replicas: Vec<(Instance, MySqlConnectOptions)>,
}

impl Servers {
    /// Looks at them, and has looked once when this is there: nothing begins on a replica that nobody has asked.
    pub(super) async fn watched(self, limit: Duration) -> Watched {
        let mut watched = watch(self.primary, self.replicas, limit);
        let _ = watched.strain.changed().await;
        watched
    }
}

impl Work<'_> {
    /// Those of its group, as the inventory has them now.
    pub(super) async fn servers(&mut self) -> Result<Servers, Halt> {
        let group = self.ledger.group(self.group).await?;
        let name = group.as_ref().map(|group| group.name.clone()).unwrap_or_default();
        let account = (self.settings.account)(&name);
        let replicas = group
            .iter()
            .flat_map(|group| &group.instances)
            .filter(|instance| instance.role == InstanceRole::Replica)
            .map(|replica| (replica.clone(), account.options(&replica.host, replica.port)))
            .collect();
        let primary = self.reached.as_ref().map(|reached| reached.options.clone()).unwrap_or_default();
        Ok(Servers { account, primary, replicas })
    }
}

fn watch(
    primary: MySqlConnectOptions,
    replicas: Vec<(Instance, MySqlConnectOptions)>,
    limit: Duration,
) -> Watched {
    let (tell, strain) = watch::channel(Strain::default());
    let (guarded, guards) = watch::channel(None);
    let (replicas, servers): (Vec<_>, Vec<_>) = replicas.into_iter().unzip();
    let looking = tokio::spawn(look(primary.clone(), servers, limit, tell));
    let guarding = tokio::spawn(guard(primary, limit, guards));
    Watched { replicas, strain, guarded, tasks: [looking, guarding] }
}

impl Watched {
    /// Why the tool is to wait, if it is.
    pub(super) fn exceeds(&self, limits: Limits) -> Option<OnlineWaits> {
        let strain = self.strain.borrow();
        let behind = |lag: &Option<u64>| lag.is_none_or(|lag| lag > limits.max_lag_ms);
        let replica = strain.lags_ms.iter().position(behind).and_then(|at| self.replicas.get(at));
        if let Some(instance) = replica {
            return Some(OnlineWaits::Replica { instance: instance.to_string() });
        }
        strain.threads_running.is_some_and(|running| running > limits.max_load).then_some(OnlineWaits::Load)
    }

    /// Lag of the replica that is farthest behind, and threads that run on the primary.
    pub(super) fn worst(&self) -> (Option<u64>, Option<u32>) {
        let strain = self.strain.borrow();
        (strain.lags_ms.iter().flatten().max().copied(), strain.threads_running)
    }

    /// From now on nobody is to wait for this connection for long.
    pub(super) fn guards(&self, connection: Option<u64>) {
        self.guarded.send_if_modified(|before| std::mem::replace(before, connection) != connection);
    }
}

async fn look(
    primary: MySqlConnectOptions,
    replicas: Vec<MySqlConnectOptions>,
    limit: Duration,
    tell: watch::Sender<Strain>,
) {
    let mut eye = None;
    loop {
        let lags_ms = join_all(replicas.iter().map(|replica| lag(replica, limit))).await;
        let threads_running = threads(&mut eye, &primary, limit).await;
        if tell.send(Strain { threads_running, lags_ms }).is_err() {
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn threads(eye: &mut Option<Eye>, primary: &MySqlConnectOptions, limit: Duration) -> Option<u32> {
    if eye.is_none() {
        *eye = Eye::open(primary, limit).await.ok();
    }
    let seen = eye.as_mut()?.threads_running().await;
    if seen.is_err() {
        *eye = None;
    }
    seen.ok()
}

/// Stops what the tool waits for a lock with, when others wait behind it: it tries again.
async fn guard(primary: MySqlConnectOptions, limit: Duration, mut guards: watch::Receiver<Option<u64>>) {
    let (mut eye, mut since) = (None, None::<Instant>);
    loop {
        let Some(own) = *guards.borrow_and_update() else {
            since = None;
            if guards.changed().await.is_err() {
                return;
            }
            continue;
        };
        if eye.is_none() {
            eye = Eye::open(&primary, limit).await.ok();
        }
        let waiting = match eye.as_mut() {
            Some(eye) => eye.waiting_for_definitions(own).await,
            None => Ok(0),
        };
        match waiting {
            Ok(0) => since = None,
            Ok(waiting) if since.get_or_insert_with(Instant::now).elapsed() > OTHERS_WAIT => {
                tracing::info!(
                    connection = own,
                    waiting,
                    "others wait for the tool's lock: it lets go and tries again"
                );
                let _ = kill_query(&primary, own, limit).await;
                since = None;
            }
            Ok(_) => {}
            Err(_) => eye = None,
        }
        tokio::time::sleep(GUARD_EVERY).await;
    }
}
