//! Tickets, newest first.

use super::{Caller, Failure, reviewing::any_group, standing};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::ticket::{TicketPage, TicketState},
};
use dbdesk_store::ticket::{self, Filter};

/// The most of one page.
pub const MOST: u32 = 50;

/// Which tickets are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// The caller's own only.
    pub mine: bool,
    /// Not ended only.
    pub open: bool,
    /// In this state only.
    pub state: Option<TicketState>,
    /// Of this service group only.
    pub service_group: Option<String>,
    /// Whose number begins so only.
    pub prefix: Option<String>,
    /// Older than this one only.
    pub before: Option<TicketId>,
    /// At most so many.
    pub limit: u32,
}

/// Lists them.
pub async fn list(desk: &Desk, caller: &Caller, which: Which) -> Result<TicketPage, Failure> {
    let group = match &which.service_group {
        Some(name) => Some(any_group(desk, caller.within(), name).await?.id),
        None => None,
    };
    let states = match which.state {
        Some(state) => vec![state],
        None if which.open => TicketState::ALL.into_iter().filter(|state| !state.is_final()).collect(),
        None => Vec::new(),
    };
    let limit = which.limit.clamp(1, MOST);
    let filter = Filter {
        sight: Some(standing::sight(desk, caller).await?),
        requester: which.mine.then_some(caller.person.id),
        states,
        group,
        within: caller.within().clone(),
        prefix: which.prefix.filter(|prefix| !prefix.is_empty()),
        before: which.before,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
    };
    let mut tickets = ticket::page(&desk.store, &filter).await?;
    let more = tickets.len() > limit as usize;
    tickets.truncate(limit as usize);
    let next_before = tickets.last().map(|line| line.id).filter(|_| more);
    Ok(TicketPage { tickets, next_before })
}
