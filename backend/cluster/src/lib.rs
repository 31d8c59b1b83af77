//! CLUSTER: what is done to the inventory and to a group's servers, from what is asked to the statements that are sent. Pure.
//!
//! * [`ask`] what a ticket asks for, and the text that people approve
//! * [`back`] what takes several steps back
//! * [`build`] from the request for a cluster to the group and the steps that make it
//! * [`package`] what a cluster is built from
//! * [`picture`] a group as a picture
//! * [`plan`] planned changes of a group: switchover, replicas, parameters, its end; and each part by itself
//! * [`statement`] what each step comes to on MySQL and on MariaDB
//! * [`step`] one thing that is done, and what takes it back
//! * [`workflow`] several of them in order

pub mod ask;
pub mod back;
pub mod build;
pub mod package;
pub mod picture;
pub mod plan;
pub mod statement;
pub mod step;
pub mod workflow;

pub use ask::Ask;
pub use package::Package;
pub use step::Step;
pub use workflow::{Aim, Workflow};
