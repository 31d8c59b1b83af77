//! A request for a cluster is not wanted any more.

use super::{Caller, Failure};
use crate::desk::Desk;
use dbdesk_store::cluster_draft;

/// Forgets it; one that is not there is forgotten already.
pub async fn remove(desk: &Desk, caller: &Caller, id: &str) -> Result<(), Failure> {
    Ok(cluster_draft::remove(&desk.store, (id, caller.person.id)).await?)
}
