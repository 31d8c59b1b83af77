//! Servers on hosts: made, started, stopped, given data and options, moved aside.

use super::{Around, Trouble, Undone};
use crate::run::Work;
use dbdesk_cluster::step::{At, CopyBy, InstanceSpec, Step};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::{
    host::Host,
    instance::{self, InstanceError, Place},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A shutdown in order writes all that is in memory; then it is killed, and recovers at its next start.
const GRACE: Duration = Duration::from_mins(5);

impl From<InstanceError> for Trouble {
    fn from(error: InstanceError) -> Self {
        Self { passes: error.passes(), why: error.said() }
    }
}

/// Where one is: the host is kept beside what is said of it.
pub(super) struct There<'a> {
    host: Arc<dyn Host>,
    row: &'a dbdesk_cmdb::Host,
    port: u16,
}

impl There<'_> {
    pub(super) fn place(&self) -> Place<'_> {
        Place::on(&*self.host, self.row, self.port)
    }
}

pub(super) fn there<'a>(at: &At, around: &'a Around) -> Result<There<'a>, Trouble> {
    let (host, row) = around.hosts().host(&at.on)?;
    Ok(There { host, row, port: at.port })
}

impl Work<'_> {
    pub(super) async fn instance_done(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        // Whatever makes it and whatever takes it back is about one group.
        let by = around.group.name.as_str();
        match step {
            Step::MakeInstance { at, spec } => Ok(made((at, spec), around).await?),
            Step::RemoveInstance { at, .. } => {
                let there = there(at, around)?;
                Ok(instance::remove(&there.place(), by).await.map_err(Trouble::from)?)
            }
            Step::SetAsideInstance { at } => {
                let there = there(at, around)?;
                let kept = instance::set_aside(&there.place(), by).await.map_err(Trouble::from)?;
                self.live.line(&format!("The data of {at} is in {kept}."));
                Ok(())
            }
            Step::BringBackInstance { at } => {
                let there = there(at, around)?;
                Ok(instance::bring_back(&there.place(), by).await.map_err(Trouble::from)?)
            }
            Step::StartInstance { at } => {
                let there = there(at, around)?;
                Ok(instance::start(&there.place()).await.map_err(Trouble::from)?)
            }
            Step::StopInstance { at } => {
                let there = there(at, around)?;
                Ok(instance::stop(&there.place(), GRACE).await.map_err(Trouble::from)?)
            }
            Step::CopyData { from, to, by } => self.copied((from, to), *by, around).await,
            Step::SetPosition { at } => {
                let there = there(at, around)?;
                let position = instance::set_position(&there.place()).await.map_err(Trouble::from)?;
                self.live.line(&format!("{at} has its data up to {}.", position.gtid));
                Ok(())
            }
            Step::SetParameters { at, becomes, .. } => self.configured(at, becomes, around).await,
            _ => {
                Err(Trouble::stays(Said::fixed("this is no step of an instance", "这不是实例的步骤")).into())
            }
        }
    }

    async fn copied(&mut self, (from, to): (&At, &At), by: CopyBy, around: &Around) -> Result<(), Undone> {
        let (source, copy) = (there(from, around)?, there(to, around)?);
        let login = around.machines.replication.as_ref();
        let at =
            instance::copy_data(&source.place(), &copy.place(), by, login).await.map_err(Trouble::from)?;
        self.live.line(&format!("{to} has the data of {from} up to {}.", at.gtid));
        Ok(())
    }

    async fn configured(
        &mut self,
        at: &At,
        becomes: &BTreeMap<String, Option<String>>,
        around: &Around,
    ) -> Result<(), Undone> {
        let there = there(at, around)?;
        let at_start = instance::configure(&there.place(), becomes).await.map_err(Trouble::from)?;
        if !at_start.is_empty() {
            let names = at_start.join(", ");
            self.live.line(&format!("{at} takes {names} at its next start."));
        }
        Ok(())
    }
}

async fn made((at, spec): (&At, &InstanceSpec), around: &Around) -> Result<(), Trouble> {
    let group = &around.group;
    let accounts = (around.machines.own)(&group.name, &group.databases);
    if accounts.all.is_empty() {
        return Err(Trouble::stays(said!(
            "this machine has no accounts that {at} could be made with; `[target]` names them with their passwords",
            "这台机器没有可用于创建 {at} 的账号；请在 `[target]` 中配置账号和密码"
        )));
    }
    let there = there(at, around)?;
    instance::make(&there.place(), spec, &group.name, &accounts).await?;
    Ok(())
}
