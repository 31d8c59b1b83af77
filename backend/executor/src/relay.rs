//! What a process asks of the store, and who asks it. A process that control started ahead asks control through its pipes, which
//! has connections and prepared statements already; any other, and any whose control is gone, asks for itself. It is the same
//! question with the same fence either way, and each may be asked twice ([`dbdesk_store::run`]).

use crate::process;
use dbdesk_cmdb::{GroupId, ServiceGroup};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{cut_over::CutOver, throttle::Throttle, waits::Waits},
};
use dbdesk_store::{
    Error, Pool,
    revision::Sql,
    run::{self, Admission, Claim, Claimant, Claimed, Fence, Lease, Write},
    service_group,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// To have the task.
    Claim {
        /// Which.
        task: TaskId,
        /// Who.
        by: Claimant,
        /// For how long at first.
        lease_ms: u64,
        /// When.
        at: Time,
    },
    /// To write.
    Write {
        /// Leave to.
        lease: Lease,
        /// What.
        write: Write,
        /// When it happened.
        at: Time,
    },
    /// The servers of a group, as the inventory has them now.
    Group(GroupId),
}

/// Its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The task is the asker's.
    Ours(Box<Assignment>),
    /// It must not start beside what runs.
    Waits(Waits),
    /// There is nothing to do for the asker.
    NotOurs,
    /// Whether the write was let through.
    Fence(Fence),
    /// The group, if there is one.
    Group(Option<Box<ServiceGroup>>),
    /// The store did not answer; the same again may succeed.
    Retry(String),
    /// It refuses.
    Fault(String),
}

impl Ask {
    /// The task that its asker does not have any more, unless the answer is [`Answer::Ours`].
    #[must_use]
    pub fn leaves(&self) -> Option<TaskId> {
        match self {
            Self::Claim { task, .. } => Some(*task),
            Self::Write { lease, write: Write::Ended { .. }, .. } => Some(lease.task),
            Self::Write { .. } | Self::Group(_) => None,
        }
    }
}

/// Leave to work, and what the work is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Leave to work.
    pub lease: Lease,
    /// When its ticket was filed.
    pub filed_at: Time,
    /// On whose servers.
    pub group: GroupId,
    /// In which database.
    pub database: String,
    /// Statements in all.
    pub total: u32,
    /// The first to run; those before ran in the task that it tries again.
    pub from: u32,
    /// What it runs, where that is not all from the first on.
    #[serde(default)]
    pub todo: Option<Vec<u32>>,
    /// Where one of several numbered tables fails, it goes on with the next.
    #[serde(default)]
    pub goes_on: bool,
    /// What is to run, as the store has it.
    pub sql: Sql,
    /// The hash of what was approved.
    pub approved_hash: Option<String>,
    /// The lag and load at which it waits, where a DBA has set them.
    #[serde(default)]
    pub throttle: Throttle,
    /// When a copy that is complete takes its table's place, where a DBA has said so.
    #[serde(default)]
    pub cut_over: Option<CutOver>,
}

impl From<Claimed> for Assignment {
    fn from(claimed: Claimed) -> Self {
        let Claimed { lease, task, ticket, sql } = claimed;
        // An approval is of the ticket's newest revision.
        let is_newest = ticket.now.revision == task.revision;
        Self {
            lease,
            filed_at: ticket.created_at,
            group: task.group,
            database: task.database.unwrap_or(ticket.database),
            total: task.total,
            from: task.done,
            todo: task.todo,
            goes_on: ticket.goes_on,
            sql,
            throttle: ticket.throttle,
            cut_over: task.cut_over,
            approved_hash: ticket.now.approved_hash.filter(|_| is_newest),
        }
    }
}

/// Asks the store. `changed` hears of the ticket that changed by that.
pub async fn ask(
    pool: &Pool,
    admission: &Admission,
    ask: Ask,
    changed: &(dyn Fn(TicketId) + Sync),
) -> Answer {
    let written = match &ask {
        Ask::Write { lease, .. } => Some(lease.ticket),
        Ask::Claim { .. } | Ask::Group(_) => None,
    };
    let answer = asked(pool, admission, ask).await.unwrap_or_else(|error| match error {
        Error::Retry(_) | Error::Conflict => Answer::Retry(error.to_string()),
        Error::Fault(fault) => Answer::Fault(fault.to_string()),
    });
    match (&answer, written) {
        (Answer::Ours(assignment), _) => changed(assignment.lease.ticket),
        (Answer::Fence(Fence::Passed), Some(ticket)) => changed(ticket),
        _ => {}
    }
    answer
}

async fn asked(pool: &Pool, admission: &Admission, ask: Ask) -> Result<Answer, Error> {
    Ok(match ask {
        Ask::Claim { task, by, lease_ms, at } => {
            match run::claim(pool, task, &by, lease_ms, admission, at).await? {
                Claim::Ours(claimed) => Answer::Ours(Box::new(Assignment::from(*claimed))),
                Claim::Waits(waits) => Answer::Waits(waits),
                Claim::NotOurs => Answer::NotOurs,
            }
        }
        Ask::Write { lease, write, at } => Answer::Fence(run::write(pool, &lease, &write, at).await?),
        Ask::Group(id) => {
            let row = service_group::by_id(pool, id).await?;
            Answer::Group(row.map(|row| Box::new(row.group)))
        }
    })
}

/// A question on its way to control. After a while nobody waits for its answer any more, and what control had no time for until
/// then it must leave.
#[derive(Debug, Serialize, Deserialize)]
pub struct Posed {
    until_ms: u64,
    ask: Ask,
}

impl Posed {
    /// Asked now, and of use for `limit`.
    #[must_use]
    pub fn new(ask: Ask, limit: Duration) -> Self {
        Self { until_ms: process::uptime_ms() + limit.as_millis() as u64, ask }
    }

    /// The question, if somebody still waits.
    #[must_use]
    pub fn wanted(self) -> Option<Ask> {
        (process::uptime_ms() < self.until_ms).then_some(self.ask)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_nobody_waits_for_is_left() {
        let ask = Ask::Group(GroupId(7));
        assert_eq!(Posed::new(ask.clone(), Duration::from_mins(1)).wanted(), Some(ask.clone()));
        assert_eq!(Posed::new(ask, Duration::ZERO).wanted(), None);
    }
}
