//! CHAT: dbdesk's Discord bot. It knows Discord and the desk's words, knows no database, and keeps no state: it can be
//! killed between any two lines. See `README.md` beside this crate for its shape and the reasons for its libraries.
//!
//! `gateway` → `inbound` → `handle` → `backend` → `reply`; `thread` follows the tickets' logs, `notices` what
//! the desk says that is no ticket.

pub mod attachment;
pub mod backend;
pub mod bot;
pub mod check;
pub mod config;
pub mod gateway;
pub mod guard;
pub mod handle;
pub mod inbound;
pub mod notices;
pub mod points;
pub mod registration;
pub mod reply;
pub mod rest;
pub mod task_log;
pub mod thread;
