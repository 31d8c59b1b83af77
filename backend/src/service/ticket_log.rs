//! A ticket's log from a cursor on.

use super::{Failure, refuse};
use crate::desk::Desk;
use dbdesk_commands::{id::TicketId, wire::entry::LogPage};
use dbdesk_store::{entry, ticket};

/// The most of one page.
pub const MOST: u32 = 200;

/// What comes after `after`, oldest first.
pub async fn log(desk: &Desk, id: TicketId, after: u64, limit: u32) -> Result<LogPage, Failure> {
    let limit = limit.clamp(1, MOST);
    let mut entries = entry::after(&desk.store, id, after, limit + 1).await?;
    if entries.is_empty() && ticket::get(&desk.store, id).await?.is_none() {
        return Err(refuse::no_ticket(id).into());
    }
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let cursor = entries.last().map_or(after, |entry| entry.id.0);
    Ok(LogPage { entries, cursor, more })
}
