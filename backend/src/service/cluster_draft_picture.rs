//! What a request for a cluster would build, as a picture.

use super::{Caller, Failure, drafting, group_picture::png};
use crate::desk::Desk;

/// Draws it, as PNG.
pub async fn picture(desk: &Desk, caller: &Caller, id: &str) -> Result<Vec<u8>, Failure> {
    let (_, draft) = drafting::one(desk, caller, id).await?;
    let (looked, _) = drafting::looked(desk, caller, &draft).await?;
    let svg = looked.check(desk).picture;
    let drawn = tokio::task::spawn_blocking(move || png(&svg));
    Ok(drawn.await.map_err(anyhow::Error::from)??)
}
