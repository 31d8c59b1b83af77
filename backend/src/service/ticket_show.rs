//! One ticket in full.

use super::{Failure, Reader, refuse, standing, view};
use crate::desk::Desk;
use dbdesk_commands::{id::TicketId, wire::ticket::TicketView};
use dbdesk_store::ticket;

/// Shows it, its review in the reader's language.
pub async fn show(desk: &Desk, reader: &Reader, id: TicketId) -> Result<TicketView, Failure> {
    let row = ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    standing::seen(desk, reader, &row).await?;
    view::ticket(desk, id, reader.lang).await
}
