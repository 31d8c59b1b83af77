//! A request for a cluster is not wanted any more.

use super::{Caller, Failure, drafting};
use crate::desk::Desk;
use dbdesk_store::cluster_draft;

/// Forgets it.
pub async fn remove(desk: &Desk, caller: &Caller, id: &str) -> Result<(), Failure> {
    drafting::one(desk, caller, id).await?;
    Ok(cluster_draft::remove(&desk.store, (id, caller.person.id)).await?)
}
