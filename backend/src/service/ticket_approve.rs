//! A DBA lets it run. The approval binds to the exact bytes of the revision he looked at.

use super::{
    Caller, Failure, Once,
    approval::{Approval, due_at, schedule},
    refuse,
    step::{self, Step},
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::ticket::{Risk, TicketConfirm, TicketState, TicketVerb, TicketView},
};
use dbdesk_store::revision;
use dbdesk_ticket::machine::Move;

/// Approves it.
pub async fn approve(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketConfirm,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Approve).await?;
    let state = step.next(Move::Approve).await?;
    let name = step.group.name.clone();
    let (sql_hash, statements) = confirmed(&mut step, &body, &name).await?;
    let due_at = due_at(step.row.now.when, &step.group, step.now)?;
    let approval = Approval { by: caller.actor(), due_at, sql_hash, statements, waits_for_quiet: false };
    step.row = schedule(desk, &mut step.tx, &step.row, state, approval, step.now).await?;
    step.close(desk, caller).await
}

/// What was looked at is what stands there, and what destroys, or is lost, is confirmed by the group's name. Gives hash and
/// statements.
pub(super) async fn confirmed(
    step: &mut Step,
    body: &TicketConfirm,
    name: &str,
) -> Result<(String, u32), Failure> {
    let (id, number) = (step.row.id, step.row.now.revision);
    let (sql_hash, statements) = revision::hash(&mut *step.tx, id, number)
        .await?
        .ok_or_else(|| anyhow::anyhow!("revision {number} of {id} is gone"))?;
    if body.sql_hash.as_ref().is_some_and(|seen| !seen.eq_ignore_ascii_case(&sql_hash)) {
        return Err(refuse::stale(&step.row, &step.group).into());
    }
    let typed = body.confirm.as_deref();
    let lost = step.row.now.state == TicketState::Lost;
    let asks = lost || step.row.now.risk == Risk::High;
    if asks && typed.map(str::trim) != Some(name) {
        return Err(refuse::not_confirmed(typed, lost, name).into());
    }
    Ok((sql_hash, statements))
}
