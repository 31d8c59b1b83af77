//! Time as an argument: nothing below `roles/` reads the wall clock by itself.

use chrono::{DateTime, Utc};
use std::{fmt, sync::Arc};

/// An instant in UTC; the store keeps milliseconds.
pub type Time = DateTime<Utc>;

/// Where "now" comes from: the system in a role, a variable in a test.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// A clock that asks `source` each time.
    pub fn new(source: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
