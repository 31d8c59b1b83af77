//! Whether this process and what it needs are well.

use crate::desk::Desk;
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// Each part may take so long.
const LIMIT: Duration = Duration::from_secs(2);

/// Answer of `/healthz`. The process lives, or there would be none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Health {
    /// Everything is well.
    pub well: bool,
    /// Our own database: without it nothing is answered.
    pub store: Part,
    /// Redis: without it news arrive up to a second later.
    pub redis: Part,
}

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// It answers.
    Up,
    /// It does not.
    Down,
}

/// Asks them all at once.
pub async fn health(desk: &Desk) -> Health {
    let (store, redis) =
        tokio::join!(timeout(LIMIT, dbdesk_store::ping(&desk.store)), timeout(LIMIT, desk.redis.ping()));
    let part = |up: bool| if up { Part::Up } else { Part::Down };
    let (store, redis) = (part(matches!(store, Ok(Ok(())))), part(matches!(redis, Ok(Ok(())))));
    Health { well: store == Part::Up && redis == Part::Up, store, redis }
}
