//! What a ticket's script has handed over.

use super::{Failure, Reader, refuse, standing};
use crate::desk::Desk;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::script::{ArtifactPage, ArtifactView},
};
use dbdesk_store::{
    script_artifact::{self, Artifact},
    ticket,
};

/// The files of one task of it, of the newest that has any where none is named; for one who may see the ticket.
pub async fn artifacts(
    desk: &Desk,
    reader: &Reader,
    id: TicketId,
    task: Option<TaskId>,
) -> Result<ArtifactPage, Failure> {
    let row = ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    standing::seen(desk, reader, &row).await?;
    let found = script_artifact::of_ticket(&desk.store, id, task).await?;
    let view = |(task, Artifact { name, media_type, content, .. }): (TaskId, Artifact)| ArtifactView {
        task,
        name,
        media_type,
        bytes: content.len() as u64,
        base64: STANDARD.encode(content),
    };
    Ok(ArtifactPage { artifacts: found.into_iter().map(view).collect() })
}
