//! A request for a cluster is begun.

use super::{Caller, Failure, drafting};
use crate::desk::Desk;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dbdesk_commands::wire::cluster::{BuildDraft, BuildDraftView};
use dbdesk_store::cluster_draft;

/// Keeps it.
pub async fn make(desk: &Desk, caller: &Caller, body: BuildDraft) -> Result<BuildDraftView, Failure> {
    let id = URL_SAFE_NO_PAD.encode(desk.chance.bytes::<16>()?);
    let (now, text) = (desk.clock.now(), drafting::written(&body)?);
    cluster_draft::insert(&desk.store, (&id, caller.person.id), &text, (now, drafting::ends(now))).await?;
    drafting::view(desk, caller, id, (1, body)).await
}
