//! The lanes of a ticket on several service groups, as the one task that it names.

use super::Failure;
use dbdesk_commands::{
    id::TicketId,
    wire::{task::TaskView, ticket::Share},
};
use dbdesk_store::{
    Pool, shares,
    task::{self, TaskRow},
};
use std::collections::BTreeSet;

/// The ticket's task as it is shown, and what each group has of the ticket, where it is spread over several.
pub(super) async fn shown(
    store: &Pool,
    (ticket, is_spread): (TicketId, bool),
    task: Option<TaskRow>,
) -> Result<(Option<TaskView>, Vec<Share>), Failure> {
    if !is_spread {
        return Ok((task.map(|task| task.view()), Vec::new()));
    }
    let shares = shares::of(store, &BTreeSet::from([ticket])).await?.remove(&ticket).unwrap_or_default();
    let Some(task) = task else { return Ok((None, shares)) };
    let lanes = task::newest_lanes(store, task.id).await?;
    Ok((Some(as_one(&task, &lanes, &shares)), shares))
}

fn as_one(task: &TaskRow, lanes: &[TaskRow], shares: &[Share]) -> TaskView {
    let open = || lanes.iter().filter(|lane| !lane.state.is_final());
    let shown = open().min_by_key(|lane| lane.state.need());
    let shown = shown.or_else(|| lanes.iter().min_by_key(|lane| lane.state.need())).unwrap_or(task);
    TaskView {
        state: shown.state,
        waits: shown.waits.clone(),
        done: shares.iter().map(|share| share.done).sum(),
        lane: None,
        cuts_over: lanes.iter().any(|lane| lane.cuts_over && lane.is_held()),
        silent: lanes.iter().any(|lane| lane.silent && lane.is_held()),
        ended_at: lanes.iter().filter_map(|lane| lane.ended_at).max().filter(|_| shown.state.is_final()),
        wish: open().find_map(|lane| lane.view().wish),
        ..task.view()
    }
}
