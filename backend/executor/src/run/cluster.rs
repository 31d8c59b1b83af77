//! Work on the inventory and on a group's servers.

use super::{
    Accounts, Work,
    asked::{Broke, at},
    ledger::Halt,
};
use dbdesk_cluster::{ask::Ask, statement::Replication};
use dbdesk_cmdb::{ServiceGroup, drift::ServerStep};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::mysql::steer::{Steer, is_done};
use dbdesk_store::{Error, group_history::Change, service_group};
use std::time::{Duration, Instant};

/// Between two looks at a server that was told something.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// A server has so long to be what it was told to be.
const BECOMES: Duration = Duration::from_secs(20);

/// How servers are steered.
#[derive(Clone)]
pub struct Steering {
    /// The account that steers them, by the service group's name.
    pub user: Accounts,
    /// The account that replicas log in with at their source, where the desk knows it.
    pub replication: Option<super::Account>,
}

impl std::fmt::Debug for Steering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steering")
    }
}

impl Work<'_> {
    /// Does it.
    pub(super) async fn steered(&mut self, ask: &Ask, group: &ServiceGroup) -> Result<(), Broke> {
        match ask {
            Ask::RepairInventory { seen, becomes, .. } => self.inventory(*seen, becomes, group).await,
            Ask::Workflow(workflow) => self.workflow(workflow, group).await,
            Ask::RepairServers { steps, .. } => {
                for (index, step) in (0_u32..).zip(steps) {
                    self.server_step(index, step, group).await?;
                }
                Ok(())
            }
        }
    }

    async fn inventory(
        &mut self,
        seen: u64,
        becomes: &ServiceGroup,
        group: &ServiceGroup,
    ) -> Result<(), Broke> {
        let instance = group.primary().cloned().ok_or(Broke::NotPrimary)?;
        self.sending_of(0, &instance).await?;
        let started = Instant::now();
        let (pool, lease, now) = (self.ledger.pen.pool().clone(), self.ledger.lease, self.ledger.clock.now());
        let change = Change {
            seen: Some(seen),
            ticket: Some(lease.ticket),
            why: "repaired: it says what the servers say",
        };
        let put = || async {
            match service_group::put_by_task(&pool, &lease, becomes, &change, now).await {
                Ok(held) => Ok(Some(held)),
                Err(Error::Conflict) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match self.ledger.patiently(put).await? {
            Some(true) => Ok(self.ran_of(0, started).await?),
            Some(false) => Err(Broke::Halt(Halt::Fenced)),
            None => Err(Broke::Never(changed_since())),
        }
    }

    /// Does one thing to one server of the group, and waits until the server is what it was told to be.
    async fn server_step(
        &mut self,
        index: u32,
        step: &ServerStep,
        group: &ServiceGroup,
    ) -> Result<(), Broke> {
        let (host, port) = step.at();
        let instance =
            group.instances.iter().find(|instance| (instance.host.as_str(), instance.port) == (host, port));
        let instance = instance.cloned().ok_or_else(|| Broke::Never(changed_since()))?;
        let server = self.steering_session(group, (host, port)).await?;
        self.sending_of(index, &instance).await?;
        let started = Instant::now();
        self.steered_to(index, step, (server, group)).await?;
        Ok(self.ran_of(index, started).await?)
    }

    /// A session of the account that steers a group's servers.
    pub(super) async fn steering_session(
        &mut self,
        group: &ServiceGroup,
        at: (&str, u16),
    ) -> Result<Steer, Broke> {
        let steering = self.settings.steering.clone().ok_or_else(|| Broke::Never(no_steering()))?;
        let account = (steering.user)(&group.name);
        Ok(Steer::open(&account.options(at.0, at.1), self.settings.connect_limit()).await?)
    }

    /// A server becomes what a step says. One that is already is told nothing.
    pub(super) async fn steered_to(
        &mut self,
        index: u32,
        step: &ServerStep,
        (mut server, group): (Steer, &ServiceGroup),
    ) -> Result<(), Broke> {
        let steering = self.settings.steering.clone().ok_or_else(|| Broke::Never(no_steering()))?;
        let (host, port) = step.at();
        let (instance, started) = (format!("{host}:{port}"), Instant::now());
        if is_done(step, &server.live().await?).is_err() {
            if matches!(step, ServerStep::ReadOnly { on: false, .. }) {
                self.nobody_else_writes(&instance, group, &steering).await?;
            }
            let replication = steering.replication.as_ref();
            let replication =
                replication.map(|account| Replication { user: &account.user, password: &account.password });
            for statement in server.statements(step, replication) {
                self.ledger.proof().await?;
                self.live.line(&format!("{instance}: {}", statement.shown()));
                server.run(&statement).await.map_err(|error| at(index, error))?;
            }
        }
        loop {
            match is_done(step, &server.live().await?) {
                Ok(()) => return Ok(()),
                Err(is) if started.elapsed() > BECOMES => {
                    return Err(Broke::Never(not_become(&instance, &is)));
                }
                Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
            }
            self.ledger.proof().await?;
        }
    }

    /// Before one takes writes, all others must say that they take none: who can not be asked may be a second primary.
    async fn nobody_else_writes(
        &mut self,
        but: &str,
        group: &ServiceGroup,
        steering: &Steering,
    ) -> Result<(), Broke> {
        let account = (steering.user)(&group.name);
        for other in group.instances.iter().filter(|other| other.to_string() != but) {
            let limit = self.settings.connect_limit();
            let says = match Steer::open(&account.options(&other.host, other.port), limit).await {
                Ok(mut server) => {
                    server.live().await.map(|live| live.read_only).map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
            let why = match says {
                Ok(true) => continue,
                Ok(false) => said!("{other} takes writes", "{other} 可写"),
                Err(error) => said!("{other} can not be asked: {error}", "无法查询 {other}：{error}"),
            };
            let Said { en, zh } = why;
            return Err(Broke::Never(said!(
                "{but} is not let take writes while another may: {en}",
                "另一台可能可写，因此不会让 {but} 变为可写：{zh}"
            )));
        }
        Ok(())
    }
}

pub(super) fn changed_since() -> Said {
    Said::fixed(
        "the inventory of this group has changed since this was asked for: look at it and ask again",
        "该服务组的清单在提出申请之后已经变更：请查看后重新申请",
    )
}

fn no_steering() -> Said {
    Said::fixed(
        "this machine has no account that may steer servers; `[target] cluster_user` names it",
        "这台机器没有可以操作服务器复制和只读状态的账号；请在 `[target] cluster_user` 中配置",
    )
}

fn not_become(instance: &str, is: &str) -> Said {
    said!("{instance} did not become so: {is}", "{instance} 没有达到预期状态：{is}")
}
