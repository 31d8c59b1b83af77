//! A request for a cluster, as far as it is filled in.

use super::{Caller, Failure, drafting};
use crate::desk::Desk;
use dbdesk_commands::wire::cluster::BuildDraftView;

/// Shows it to the one whose it is.
pub async fn show(desk: &Desk, caller: &Caller, id: &str) -> Result<BuildDraftView, Failure> {
    let found = drafting::one(desk, caller, id).await?;
    drafting::view(desk, caller, id.to_owned(), found).await
}
