//! The steps of a workflow, each done and seen to be done. All may be done again to the same end.

mod backups;
mod front;
mod instances;
mod inventory;
mod monitor;
mod servers;

use super::{
    Work,
    asked::Broke,
    ledger::Halt,
    machines::{Hosts, Machines, plain},
};
use dbdesk_cluster::Step;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::{
    dns::NamesError,
    host::HostError,
    mysql::{OpenError, target::StatementError},
    proxy::{ProxyError, haproxy_made::MadeError},
    vip::VipError,
};
use dbdesk_store::{host::HostRow, run::End};
use std::sync::Arc;

/// Why a step is not done.
pub(super) enum Undone {
    /// In words.
    Trouble(Trouble),
    /// A person wanted it to end.
    Ended(Box<End>),
    /// The lease, or the store: nothing more is written.
    Halt(Halt),
}

/// Why a step can not be done.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) why: Said,
    /// The same may succeed in a moment.
    pub(super) passes: bool,
}

impl Trouble {
    /// Somebody has to act.
    pub(super) fn stays(why: Said) -> Self {
        Self { why, passes: false }
    }

    /// It is tried again for a while.
    pub(super) fn passes(why: Said) -> Self {
        Self { why, passes: true }
    }
}

impl From<Trouble> for Undone {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Halt> for Undone {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<HostError> for Trouble {
    fn from(error: HostError) -> Self {
        Self { passes: error.passes(), why: error.said() }
    }
}

impl From<ProxyError> for Trouble {
    fn from(error: ProxyError) -> Self {
        Self { passes: error.passes(), why: error.said() }
    }
}

impl From<MadeError> for Trouble {
    fn from(error: MadeError) -> Self {
        match error {
            MadeError::Host(error) => error.into(),
            MadeError::Proxy(error) => error.into(),
            error @ (MadeError::Nonsense(_) | MadeError::NotStarted(_)) => Self::stays(plain(&error)),
        }
    }
}

impl From<VipError> for Trouble {
    fn from(error: VipError) -> Self {
        Self { passes: error.passes(), why: error.said() }
    }
}

impl From<NamesError> for Trouble {
    fn from(error: NamesError) -> Self {
        Self { passes: error.passes(), why: error.said() }
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Refused { code, message } => refused(code, &message),
            OpenError::ReadOnly => Self::stays(Said::fixed("it takes no writes", "它处于只读状态")),
            OpenError::Unreachable(message) => {
                Self::passes(said!("it can not be reached: {message}", "无法连接：{message}"))
            }
        }
    }
}

impl From<StatementError> for Trouble {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Server { code, message } => refused(code, &message),
            StatementError::Lost(message) => {
                Self::passes(said!("it went away: {message}", "连接中断：{message}"))
            }
        }
    }
}

fn refused(code: u16, message: &str) -> Trouble {
    Trouble::stays(said!("the server says {code}: {message}", "服务器返回 {code}：{message}"))
}

/// What steps are done with.
pub(super) struct Around {
    machines: Arc<Machines>,
    rows: Vec<HostRow>,
    /// The group as it was when the workflow went on.
    pub(super) group: ServiceGroup,
}

impl Around {
    fn hosts(&self) -> Hosts<'_> {
        Hosts { machines: &self.machines, rows: &self.rows }
    }
}

impl Work<'_> {
    /// What steps are done with: how this machine reaches things, and the hosts.
    pub(super) async fn around(&mut self, group: &ServiceGroup) -> Result<Around, Broke> {
        let machines = self.settings.machines.clone().ok_or_else(|| {
            Broke::Never(Said::fixed(
                "this machine does no work on clusters: it has no `[cluster]` in its configuration",
                "这台机器没有配置 `[cluster]`，不能执行集群操作",
            ))
        })?;
        let pool = self.ledger.pen.pool().clone();
        let rows = self.ledger.patiently(|| dbdesk_store::host::all(&pool)).await?;
        Ok(Around { machines, rows, group: group.clone() })
    }

    /// Does one, and sees that it is done.
    pub(super) async fn done(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        match step {
            Step::Server(_)
            | Step::Unfollow { .. }
            | Step::CatchUp { .. }
            | Step::Lag { .. }
            | Step::Idle { .. }
            | Step::EndSessions { .. }
            | Step::MakeDatabase { .. }
            | Step::DropEmptyDatabase { .. }
            | Step::TryOut { .. } => self.server_done(step, around).await,
            Step::MakeProxy { .. }
            | Step::RemoveProxy { .. }
            | Step::HoldWriter { .. }
            | Step::PointWriter { .. }
            | Step::EndWrites { .. }
            | Step::AddReader { .. }
            | Step::RemoveReader { .. }
            | Step::SetReader { .. }
            | Step::WeighReader { .. }
            | Step::TakeVip { .. }
            | Step::ReleaseVip { .. }
            | Step::PutName { .. }
            | Step::RemoveName { .. } => Ok(front::done(step, around).await?),
            Step::Monitor { group, labels, targets, .. } => {
                Ok(monitor::look(&around.machines, group, labels, targets)?)
            }
            Step::Unmonitor { group, .. } => Ok(monitor::look_no_more(&around.machines, group)?),
            Step::Inventory { becomes, was } => self.inventory_says(becomes, was).await,
            Step::MakeInstance { .. }
            | Step::RemoveInstance { .. }
            | Step::SetAsideInstance { .. }
            | Step::BringBackInstance { .. }
            | Step::StartInstance { .. }
            | Step::StopInstance { .. }
            | Step::CopyData { .. }
            | Step::SetPosition { .. }
            | Step::SetParameters { .. } => self.instance_done(step, around).await,
            Step::BackUp { .. }
            | Step::VerifyBackup { .. }
            | Step::RestoreTable { .. }
            | Step::Compare { .. } => self.backup_done(step, around).await,
            Step::Script(run) => self.script_step(run, &around.group).await,
        }
    }
}
