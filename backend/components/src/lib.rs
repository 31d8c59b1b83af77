//! What stands around the desk: the servers it reviews against and runs on, and what stands in front of them.

pub mod dns;
pub mod host;
pub mod instance;
pub mod mysql;
pub mod osc;
pub mod proxy;
pub mod s3;
pub mod vip;
