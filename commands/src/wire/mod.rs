//! Bodies of the HTTP API, one subject per file. JSON names are snake case; times are RFC 3339 in UTC.

pub mod button;
pub mod card;
pub mod cut_over;
pub mod delegation;
pub mod emergency;
pub mod entry;
pub mod freeze;
pub mod group;
pub mod link;
pub mod live;
pub mod notice;
pub mod person;
pub mod policy;
pub mod problem;
pub mod queue;
pub mod restore;
pub mod review;
pub mod rule;
pub mod schedule;
pub mod task;
pub mod throttle;
pub mod ticket;
pub mod waits;
pub mod why;
