//! MySQL-family servers.

pub mod target;
