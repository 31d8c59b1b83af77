//! `/cluster topology`

use super::Desk;
use crate::{
    backend::READ_LIMIT,
    inbound::Asker,
    reply::{clusters, message::Message, problem},
};

/// Asks for the picture and passes it on.
pub async fn topology(desk: &Desk, asker: &Asker, group: &str) -> Message {
    let group = group.trim();
    let path = ["service-groups", group, "topology.png"];
    match desk.backend.bytes(&asker.acting(), &path, READ_LIMIT).await {
        Ok(png) => clusters::picture(group, png, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
