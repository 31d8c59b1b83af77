//! SERVICE: the binary `dbdesk` and its roles. One verb has one stem: `api/ticket_approve.rs` (HTTP) calls
//! `service/ticket_approve.rs` (the transaction), and only in `service` do review, ticket and store meet.
//!
//! * [`api`] HTTP · [`service`] the transactions · [`desk`] what every request shares · [`metrics`] counters
//! * [`config`] the configuration file and the environment
//! * [`rules`] the review's rules as people name them
//! * [`doctor`] is everything there that the desk needs · [`kept`] what is kept of rows, read

pub mod api;
pub mod client;
pub mod config;
pub mod desk;
pub mod doctor;
pub mod kept;
pub mod metrics;
pub mod roles;
pub mod rules;
pub mod service;
pub mod task_metrics;
