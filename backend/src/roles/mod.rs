//! The only place that wires implementations together and asks the machine for time, chance and environment.

pub mod account;
pub mod audit;
mod clock;
pub mod cmdb;
pub mod control;
pub mod detach;
pub mod doctor;
mod filing;
pub mod inventory;
mod launch;
mod looking;
pub mod machine;
mod machines;
pub mod migrate;
pub mod objects;
pub mod person;
pub mod points;
pub mod policy;
pub mod review;
pub mod run;
pub mod serve;
pub mod set_aside;
mod settle;
pub mod start;
pub mod task;
pub mod token;
