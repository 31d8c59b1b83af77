//! A request for a cluster that was filled in is filed: as if its document had been posted.

use super::{Caller, Failure, Once, building, cluster_build, drafting};
use crate::desk::Desk;
use dbdesk_cluster::build;
use dbdesk_commands::wire::ticket::TicketView;
use dbdesk_store::cluster_draft;

/// Files it, and forgets the draft.
pub async fn file(desk: &Desk, caller: &Caller, once: &Once, id: &str) -> Result<TicketView, Failure> {
    let (_, draft) = drafting::one(desk, caller, id).await?;
    let (request, faults) = build::typed(&draft);
    if !faults.is_empty() {
        return Err(building::refused(&faults).into());
    }
    let filed = cluster_build::build(desk, caller, once, request).await?;
    if let Err(error) = cluster_draft::remove(&desk.store, (id, caller.person.id)).await {
        // It is forgotten in a day; filed again, its name is taken.
        tracing::warn!(%error, ticket = %filed.id, "a draft that was filed is still there");
    }
    Ok(filed)
}
