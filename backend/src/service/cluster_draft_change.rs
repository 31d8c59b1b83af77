//! A request for a cluster is filled in further. What is wrong with it is told, and kept as it was typed.

use super::{Caller, Failure, drafting};
use crate::desk::Desk;
use dbdesk_commands::wire::cluster::{BuildDraftPut, BuildDraftView};
use dbdesk_store::cluster_draft;

/// Keeps what it says now.
pub async fn change(
    desk: &Desk,
    caller: &Caller,
    id: &str,
    body: BuildDraftPut,
) -> Result<BuildDraftView, Failure> {
    drafting::one(desk, caller, id).await?;
    let (text, ends) = (drafting::written(&body.draft)?, drafting::ends(desk.clock.now()));
    cluster_draft::put(&desk.store, (id, caller.person.id), (body.seen, &text), ends).await?;
    drafting::view(desk, caller, id.to_owned(), (body.seen + 1, body.draft)).await
}
