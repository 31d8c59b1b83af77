//! What can go wrong with a step of control. All of it passes, or is told once and tried again.

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Our own database.
    #[error(transparent)]
    Store(#[from] dbdesk_store::Error),
    /// Redis.
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
}
