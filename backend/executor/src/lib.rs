//! EXECUTOR: work in a process of its own, adopted by init, which nothing of the service can end by dying.
//!
//! * [`detach`] starts `dbdesk-run` in a session of its own
//! * [`run`] claims one task and does its work statement by statement
//! * [`scripts`] reads the folder of the DBAs' scripts
//! * [`relay`] is what a process asks of the store, [`pen`] how
//! * [`heartbeat`] proves the lease while it does, and hears what a person wants
//! * [`journal`] keeps what is known while the store is away
//! * [`warm`] keeps processes ready that wait for a task
//! * [`live`] carries how far it is, and lines for its log
//! * [`mod@unit`] starts a process in a unit of systemd of its own
//! * [`warden`] starts a script, watches it, and ends all of it
//! * [`process`] tells processes apart, and waits for their end
//! * [`orphan`] sees whether pid 1 waits for those that nobody started

pub mod detach;
pub mod heartbeat;
pub mod journal;
pub mod live;
pub mod orphan;
pub mod pen;
pub mod process;
pub mod relay;
pub mod run;
pub mod scripts;
pub mod unit;
pub mod warden;
pub mod warm;
