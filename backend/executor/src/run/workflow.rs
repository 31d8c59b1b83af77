//! Workflows: the steps of a list, one after the other. Each is written down before it begins and when it is done; one that broke off is done
//! again, which every step allows.

use super::{Work, asked::Broke};
use dbdesk_cluster::{Step, Workflow};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::lang::said;

impl Work<'_> {
    /// Does what is left of it.
    pub(super) async fn workflow(&mut self, workflow: &Workflow, group: &ServiceGroup) -> Result<(), Broke> {
        for (index, step) in (0_u32..).zip(&workflow.steps) {
            if index < self.from {
                continue;
            }
            match step {
                Step::Server(step) => self.server_step(index, step, group).await?,
                _ => {
                    return Err(Broke::Never(said!(
                        "this machine does no such step",
                        "这台机器不能执行此步骤"
                    )));
                }
            }
        }
        Ok(())
    }
}
