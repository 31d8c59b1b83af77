//! What every change to a ticket has in common: look, check who asks, lock, move, write, ring.

use super::{Caller, Failure, Once, refuse, standing, view};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{EmergencyId, TaskId, TicketId},
    wire::{
        entry::Event,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    Tx, emergency, entry, revision, service_group,
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_ticket::{
    authority,
    machine::{self, Move},
};

/// A ticket's row, locked, in an open transaction. Dropped, nothing was done.
pub(super) struct Step {
    pub(super) tx: Tx,
    pub(super) row: TicketRow,
    pub(super) group: ServiceGroup,
    pub(super) now: Time,
    pub(super) verb: TicketVerb,
}

/// A ticket that was looked at, without a lock.
pub(super) struct Looked {
    pub(super) row: TicketRow,
    pub(super) group: ServiceGroup,
}

/// A ticket and its group; and whether this person sees it, and may do this at all.
pub(super) async fn look(
    desk: &Desk,
    caller: &Caller,
    id: TicketId,
    verb: TicketVerb,
) -> Result<Looked, Failure> {
    let row = ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    let group = service_group::by_id(&desk.store, row.group)
        .await?
        .ok_or_else(|| anyhow::anyhow!("the service group {} of {id} is gone", row.group))?
        .group;
    let known = standing::known(desk, &caller.person, &row, &group, desk.clock.now()).await?;
    if !authority::sees(known.standing, row.requester) {
        return Err(refuse::no_ticket(id).into());
    }
    refuse::may(&known, &row, verb)?;
    Ok(Looked { row, group })
}

/// Looks, then opens the transaction and locks the row.
pub(super) async fn open(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    verb: TicketVerb,
) -> Result<Step, Failure> {
    let Looked { group, .. } = look(desk, caller, id, verb).await?;
    lock(desk, caller, once, id, verb, group).await
}

/// Opens the transaction and locks the row of a ticket that was looked at.
pub(super) async fn lock(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    verb: TicketVerb,
    group: ServiceGroup,
) -> Result<Step, Failure> {
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim_for(&mut tx, id, now).await?;
    let row = ticket::lock(&mut tx, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    Ok(Step { tx, row, group, now, verb })
}

impl Step {
    /// Where this move leads, or why not.
    pub(super) async fn next(&mut self, coming: Move) -> Result<TicketState, Failure> {
        match machine::apply(self.row.now.state, coming) {
            Ok(state) => Ok(state),
            Err(illegal) => {
                Err(refuse::illegal(&mut self.tx, &self.row, &self.group, self.verb, illegal).await)
            }
        }
    }

    /// The caller's emergency on its service group, where one is on: what he decides now is tied to it.
    ///
    /// It is of one service group: what runs in several takes its steps.
    pub(super) async fn emergency(&mut self, caller: &Caller) -> Result<Option<EmergencyId>, Failure> {
        if revision::spread(&mut *self.tx, self.row.id, self.row.now.revision).await?.is_some() {
            return Ok(None);
        }
        let on = emergency::on(&mut *self.tx, (self.row.group, caller.person.id), self.now).await?;
        let Some(id) = on else { return Ok(None) };
        // Who ends it at this moment waits, and tells of this ticket, too; or has ended it.
        let row = emergency::lock(&mut self.tx, id).await?;
        if !row.is_some_and(|row| row.is_on(self.now)) {
            return Ok(None);
        }
        emergency::decided(&mut self.tx, id, self.row.id, self.now).await?;
        Ok(Some(id))
    }

    /// The same for what nobody does on his own ticket but in one: it may have ended since he was looked at.
    pub(super) async fn emergency_or_anothers(
        &mut self,
        caller: &Caller,
    ) -> Result<Option<EmergencyId>, Failure> {
        let emergency = self.emergency(caller).await?;
        if emergency.is_none() && self.row.requester == caller.person.id {
            return Err(refuse::own_ticket(self.row.id).into());
        }
        Ok(emergency)
    }

    /// The task that waits for this ticket.
    pub(super) fn task(&self) -> Result<TaskId, Failure> {
        let task = self.row.now.task;
        task.ok_or_else(|| anyhow::anyhow!("{} is scheduled and has no task", self.row.id).into())
    }

    /// Refuses because its task moved in this moment.
    pub(super) fn just_started(&self) -> Failure {
        refuse::just_started(self.row.id, self.verb).into()
    }

    /// Saves the move and writes it to the log.
    pub(super) async fn save(
        &mut self,
        caller: &Caller,
        change: TicketChange,
        task: Option<TaskId>,
        event: &Event,
    ) -> Result<(), Failure> {
        let from = self.row.now.state;
        self.row = ticket::move_to(&mut self.tx, &self.row, change, self.now).await?;
        let moved = Some((from, self.row.now.state));
        entry::append(&mut self.tx, &self.row, task, &caller.actor(), self.now, event, moved).await?;
        Ok(())
    }

    /// Commits, rings, and shows the ticket as it is now.
    pub(super) async fn close(self, desk: &Desk, caller: &Caller) -> Result<TicketView, Failure> {
        let id = self.row.id;
        desk.commit(self.tx).await?;
        desk.offer(&self.row, self.now).await;
        desk.changed(id);
        view::ticket(desk, id, caller.lang).await
    }
}
