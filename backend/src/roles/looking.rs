//! The part of control that holds the inventory against what the servers say, all the time.

use crate::{desk::Desk, service::group_look};
use std::{sync::Arc, time::Duration};

/// Between two looks whose turn it is, where it was nobody's.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Looks for ever.
pub(super) async fn looks(desk: Arc<Desk>) {
    let mut failing = false;
    loop {
        match group_look::look_all(&desk).await {
            Ok(0) => failing = false,
            // There may be more whose turn it is.
            Ok(_) => {
                failing = false;
                continue;
            }
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "servers can not be held against the inventory now; it is tried again");
                }
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
