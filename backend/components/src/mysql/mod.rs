//! MySQL-family servers.

mod connect;
pub mod facts;
mod plan;
pub mod probe;
mod session;
pub mod shadow;
mod tables;
pub mod target;

pub use connect::OpenError;
