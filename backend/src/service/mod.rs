//! One file per verb: the transaction. Only here review, ticket and store meet. A verb checks who asks, locks the ticket's row,
//! lets the pure machine say where it goes, saves that with its log entry and its task in one transaction, and rings the bell.

pub mod button_ask;
pub mod button_press;
pub mod card_put;
pub mod cards_behind;
pub mod group_list;
pub mod group_show;
pub mod group_topology;
pub mod health;
pub mod me;
pub mod metrics;
pub mod queue_show;
pub mod review_make;
pub mod rule_list;
pub mod rule_show;
pub mod task_list;
pub mod task_log;
pub mod task_show;
pub mod ticket_amend;
pub mod ticket_approve;
pub mod ticket_cancel;
pub mod ticket_events;
pub mod ticket_fix;
pub mod ticket_list;
pub mod ticket_log;
pub mod ticket_pause;
pub mod ticket_prioritise;
pub mod ticket_reject;
pub mod ticket_resume;
pub mod ticket_retry;
pub mod ticket_run;
pub mod ticket_send_to_dba;
pub mod ticket_show;
pub mod ticket_skip;
pub mod ticket_submit;
pub mod ticket_withdraw;

mod again;
mod approval;
mod caller;
mod content;
mod failure;
mod once;
mod refuse;
mod reviewing;
mod shadow;
mod step;
mod view;

pub use caller::{Caller, Reader};
pub use failure::Failure;
pub use once::Once;
pub(crate) use once::stored;
