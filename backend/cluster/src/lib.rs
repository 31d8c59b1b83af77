//! CLUSTER: what is done to the inventory and to a group's servers, from what is asked to the statements that are sent. Pure.
//!
//! * [`ask`] what a ticket asks for, and the text that people approve
//! * [`picture`] a group as a picture
//! * [`statement`] what each step comes to on MySQL and on MariaDB

pub mod ask;
pub mod picture;
pub mod statement;

pub use ask::Ask;
