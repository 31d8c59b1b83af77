//! STORE: every SQL statement to our own database, one file per table. Parameters are bound, times are UTC.
//!
//! What changes a ticket does it in one transaction: [`ticket::lock`] the row first, then [`ticket::move_to`] (guarded by the
//! version seen) and [`entry::append`]. Whoever touches a ticket and its task locks the ticket first, so that nobody waits in
//! a circle, and the ids in one ticket's log grow in the order of commits. What is decided goes to the [`audit`] log with the commit.

pub mod account;
pub mod account_drift;
pub mod account_secret;
pub mod approval;
pub mod audit;
pub mod backup;
pub mod backup_object;
pub mod button;
pub mod calm;
pub mod chunk;
pub mod claim;
pub mod closed;
pub mod cluster_backup;
pub mod cluster_build;
pub mod cluster_draft;
pub mod confirmation;
pub mod connect;
pub mod control;
pub mod cut_over;
pub mod definition;
pub mod delegation;
pub mod emergency;
mod end;
pub mod entry;
pub mod error;
pub mod freeze;
pub mod group_database;
pub mod group_history;
pub mod group_look;
pub mod group_place;
pub mod host;
pub mod idempotency;
pub mod instance;
pub mod lanes;
pub mod link_request;
pub mod live;
pub mod lost;
pub mod migrate;
pub mod notice;
pub mod passed_over;
pub mod person;
pub mod queue;
pub mod rescue;
pub mod restore;
pub mod revision;
pub mod run;
pub mod schedule;
pub mod script_artifact;
pub mod service_group;
pub mod set_aside;
pub mod sharded_table;
pub mod shares;
pub mod sight;
pub mod silence;
pub mod standing;
pub mod task;
pub mod task_line;
mod task_list;
mod task_wish;
pub mod ticket;
mod ticket_list;
pub mod token;
mod tx;
pub mod waits;
mod wanted;
pub mod within;

pub use connect::{Connect, Pool, ping, pool, time};
pub use error::Error;
pub use tx::{Tx, begin, begin_as, commit};
