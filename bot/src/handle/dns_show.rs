//! `/dns show`

use super::{Desk, complete::parts};
use crate::{
    backend::READ_LIMIT,
    inbound::Asker,
    reply::{message::Message, parts as reply, problem},
};

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker, group: &str) -> Message {
    match parts::of(desk, asker, group, READ_LIMIT).await {
        Ok(found) => reply::names(&found, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
