//! What stands around the desk: the servers it reviews against and runs on.

pub mod mysql;
pub mod osc;
pub mod s3;
