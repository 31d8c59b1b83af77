//! What people read: pure functions from wire types to messages that keep Discord's limits.

pub mod card;
mod chunks;
mod engine;
pub mod escape;
pub mod findings;
pub mod freezes;
pub mod limits;
pub mod live;
pub mod message;
pub mod modal;
pub mod place;
pub mod problem;
pub mod queue;
mod restored;
pub mod restores;
pub mod reviewed;
pub mod rules;
pub mod schedules;
pub mod sentence;
pub(crate) mod steering;
pub mod story;
pub mod tables;
pub mod task_lines;
pub mod task_page;
pub mod ticket_lines;
mod undo;
pub mod words;
