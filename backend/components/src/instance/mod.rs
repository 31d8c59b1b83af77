//! Servers on hosts: their folders, their programs, their data.
//!
//! Each lives in a folder of its own, `{host.folder}/{port}`, that says by whom it was made and with what. Statements go by its socket as
//! `root`, who is whoever the host lets us in as: no password is needed for what is done here, and nothing has to be reached but the host.
//! All may be asked for again after it broke off in its middle.

mod accounts;
mod aside;
pub mod backup;
mod checksum;
mod client;
mod config;
mod configure;
mod copy;
mod data;
mod error;
mod login;
mod made;
mod make;
mod owner;
mod place;
mod ports;
mod position;
mod private;
mod programs;
mod restore_table;
mod run;
mod what;

pub use accounts::{Account, Accounts, Role};
pub use aside::{bring_back, remove, set_aside};
pub use checksum::{Compared, Difference, checksum};
pub use configure::configure;
pub use copy::copy_data;
pub use error::InstanceError;
pub use login::Login;
pub use made::{Made, Stage};
pub use make::make;
pub use place::Place;
pub use position::{Position, position, set_position};
pub use restore_table::{Restore, restore_table};
pub use run::{running, start, stop};
pub use what::{What, what};
