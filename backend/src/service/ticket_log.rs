//! A ticket's log from a cursor on.

use super::{Failure, Reader, refuse, standing};
use crate::desk::Desk;
use dbdesk_commands::{id::TicketId, wire::entry::LogPage};
use dbdesk_store::{entry, ticket};

/// The most of one page.
pub const MOST: u32 = 200;

/// What comes after `after`, oldest first.
pub async fn log(
    desk: &Desk,
    reader: &Reader,
    id: TicketId,
    after: u64,
    limit: u32,
) -> Result<LogPage, Failure> {
    let limit = limit.clamp(1, MOST);
    let row = ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    standing::seen(desk, reader, &row).await?;
    page(desk, id, after, limit).await
}

/// The same for one who may see it.
pub(super) async fn page(desk: &Desk, id: TicketId, after: u64, limit: u32) -> Result<LogPage, Failure> {
    let mut entries = entry::after(&desk.store, id, after, limit + 1).await?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let cursor = entries.last().map_or(after, |entry| entry.id.0);
    Ok(LogPage { entries, cursor, more })
}
