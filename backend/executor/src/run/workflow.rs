//! Workflows: the steps of a list, one after the other. Each is written down before it begins and when it is done; one that broke off is done
//! again, which every step allows.

use super::{
    Work,
    asked::Broke,
    cluster::changed_since,
    steps::{Around, Trouble, Undone},
};
use dbdesk_cluster::{Step, Workflow};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    lang::{Said, said},
    point::Point,
    wire::entry::Event,
};
use dbdesk_store::{group_history, run::Write};
use std::time::{Duration, Instant};

const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(3);

impl Work<'_> {
    /// Does what is left of it.
    pub(super) async fn workflow(&mut self, workflow: &Workflow, group: &ServiceGroup) -> Result<(), Broke> {
        self.still_fits(workflow).await?;
        let around = self.around(group).await?;
        for (index, step) in (0_u32..).zip(&workflow.steps) {
            if index >= self.from {
                self.step(index, step, &around).await?;
            }
        }
        Ok(())
    }

    /// A plan is for a group as it was looked at. Once it has begun it is finished: what changed since is its own doing, or told by the step
    /// that minds.
    async fn still_fits(&mut self, workflow: &Workflow) -> Result<(), Broke> {
        if self.from > 0 {
            return Ok(());
        }
        let (pool, id, ticket) = (self.ledger.pen.pool().clone(), self.group, self.ledger.lease.ticket);
        let newest = self.ledger.patiently(|| group_history::page(&pool, id, None, 1)).await?;
        match newest.first() {
            Some(newest) if newest.version == workflow.seen || newest.ticket == Some(ticket) => Ok(()),
            _ => Err(Broke::Never(changed_since())),
        }
    }

    async fn step(&mut self, index: u32, step: &Step, around: &Around) -> Result<(), Broke> {
        let (what, points) = (step.said(), self.ledger.points.clone());
        points.at(Point::RunNoting);
        self.begins(index, &around.group.name, Some(&what)).await?;
        points.at(Point::RunNoted);
        let started = Instant::now();
        self.live.line(&what.en);
        let done = if points.fails(Point::RunNoted) {
            Err(Undone::Trouble(Trouble::stays(Said::fixed("it was to fail", "按要求失败"))))
        } else {
            self.tried(step, around).await
        };
        match done {
            Ok(()) => {}
            Err(Undone::Halt(halt)) => return Err(halt.into()),
            Err(Undone::Ended(end)) => return Err(Broke::Ended(end)),
            Err(Undone::Trouble(Trouble { why, .. })) => {
                return Err(Broke::Step { index, what: Box::new(what), why: Box::new(why) });
            }
        }
        points.at(Point::RunAnswered);
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let event = Event::StepDone { index, total: self.total, what, elapsed_ms };
        self.ledger.write(Write::Ran { index, event }).await?;
        points.at(Point::RunWritten);
        Ok(())
    }

    /// Does it, and again for a while where that may help.
    async fn tried(&mut self, step: &Step, around: &Around) -> Result<(), Undone> {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        let limit = Duration::from_millis(self.settings.target_wait_ms);
        loop {
            self.ledger.proof().await?;
            let trouble = match Box::pin(self.done(step, around)).await {
                Err(Undone::Trouble(trouble)) if trouble.passes => trouble,
                other => return other,
            };
            self.live.line(&format!("Not yet: {}", trouble.why.en));
            if since.elapsed() > limit {
                let (Said { en, zh }, s) = (trouble.why, limit.as_secs());
                return Err(Trouble::stays(said!("{en} (tried for {s} s)", "{zh}（已重试 {s} 秒）")).into());
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}
