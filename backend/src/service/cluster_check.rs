//! What a request for a cluster would come to: nothing is filed, and nothing is kept.

use super::{Caller, Failure, building};
use crate::desk::Desk;
use dbdesk_commands::wire::cluster::{BuildCheck, BuildRequest};

/// Judges it.
pub async fn check(desk: &Desk, caller: &Caller, body: BuildRequest) -> Result<BuildCheck, Failure> {
    Ok(building::look(desk, caller, body).await?.check(desk))
}
