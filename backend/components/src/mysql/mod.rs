//! MySQL-family servers.

pub mod accounts;
pub mod aside;
pub mod binlog;
mod connect;
pub mod database;
pub mod definition;
pub mod facts;
pub mod fence;
pub mod look;
pub mod online;
mod plan;
pub mod probe;
pub mod rows;
pub mod seen;
mod session;
pub mod shadow;
pub mod steer;
mod tables;
pub mod target;
pub mod try_out;
pub mod undoable;

pub use connect::OpenError;
