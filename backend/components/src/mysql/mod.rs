//! MySQL-family servers.

mod connect;
pub mod facts;
pub mod probe;
pub mod shadow;
mod tables;
pub mod target;

pub use connect::OpenError;
