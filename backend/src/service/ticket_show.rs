//! One ticket in full.

use super::{Failure, Reader, view};
use crate::desk::Desk;
use dbdesk_commands::{id::TicketId, wire::ticket::TicketView};

/// Shows it, its review in the reader's language.
pub async fn show(desk: &Desk, reader: &Reader, id: TicketId) -> Result<TicketView, Failure> {
    view::ticket(desk, id, reader.lang).await
}
