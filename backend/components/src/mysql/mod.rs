//! MySQL-family servers.

mod connect;
pub mod facts;
mod tables;
pub mod target;

pub use connect::OpenError;
