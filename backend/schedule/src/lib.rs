//! SCHEDULE: work starts at its time, exactly once, wherever there is room. The store holds the truth; Redis carries numbers.

pub mod control;
pub mod cron;
pub mod dates;
pub mod dispatch;
pub mod force;
pub mod reconcile;
pub mod redis;
pub mod trouble;
pub mod wake;

pub use control::{Hands, Settings};
pub use redis::Redis;
pub use trouble::Trouble;
pub use wake::Waker;
