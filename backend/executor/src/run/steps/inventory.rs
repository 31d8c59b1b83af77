//! The inventory says what a workflow has made of a group.

use super::{Trouble, Undone};
use crate::run::{Work, ledger::Halt};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::lang::Said;
use dbdesk_store::{Error, group_history::Change, service_group};

impl Work<'_> {
    /// One that is neither what it was nor what it becomes is somebody else's doing, and is left alone.
    pub(super) async fn inventory_says(
        &mut self,
        becomes: &ServiceGroup,
        was: &ServiceGroup,
    ) -> Result<(), Undone> {
        let (pool, lease, now) = (self.ledger.pen.pool().clone(), self.ledger.lease, self.ledger.clock.now());
        let id = self.group;
        let found = self.ledger.patiently(|| service_group::by_id(&pool, id)).await?;
        let found = found.ok_or_else(|| Trouble::stays(changed()))?;
        if found.group == *becomes {
            return Ok(());
        }
        if found.group != *was {
            return Err(Trouble::stays(changed()).into());
        }
        let change =
            Change { seen: Some(found.version), ticket: Some(lease.ticket), why: "a workflow made it so" };
        let put = || async {
            match service_group::put_by_task(&pool, &lease, becomes, &change, now).await {
                Ok(held) => Ok(Some(held)),
                Err(Error::Conflict) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match self.ledger.patiently(put).await? {
            Some(true) => Ok(()),
            Some(false) => Err(Halt::Fenced.into()),
            None => Err(Trouble::stays(changed()).into()),
        }
    }
}

fn changed() -> Said {
    Said::fixed(
        "somebody has changed the inventory of this group since this was asked for",
        "提出申请之后，有人修改了该服务组的清单",
    )
}
