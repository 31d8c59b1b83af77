//! MySQL-family servers.

mod connect;
pub mod facts;
pub mod probe;
mod tables;
pub mod target;

pub use connect::OpenError;
