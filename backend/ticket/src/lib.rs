//! What may happen to a ticket and to its task, and who may make it happen. Pure: no I/O, no clock, no chance.
//!
//! * [`machine`] `apply(state, move)` for tickets: the only place where a ticket's state changes
//! * [`task`] the same for tasks
//! * [`admission`] whether a task that is due may start beside what runs, [`exclusion`] which work excludes which
//! * [`authority`] who may do which verb to whose ticket, and who sees it
//! * [`rule`] who must approve what, as data; [`people`] the groups that it names; [`approval`] its steps
//! * [`buttons`] which verbs a card offers in which state, and what each asks first
//! * [`spread`] how the work of a ticket on several service groups is dealt out
//! * [`policy`] what passes without a person, and how long an approval lasts

pub mod admission;
pub mod approval;
pub mod authority;
pub mod buttons;
pub mod exclusion;
pub mod machine;
pub mod people;
pub mod policy;
pub mod rule;
pub mod spread;
pub mod task;
