//! `/instance show`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{clusters, message::Message, problem},
};
use dbdesk_commands::wire::group::Topology;

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker, group: &str) -> Message {
    let path = ["service-groups", group.trim(), "topology"];
    let answer: Result<Topology, BackendError> =
        desk.backend.get(&asker.acting(), &path, &[], READ_LIMIT).await;
    match answer {
        Ok(topology) => clusters::servers(&topology, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
