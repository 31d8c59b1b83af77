//! Accounts on real servers, through the account that dbdesk has for them and no other.

mod databases;
mod desk;
mod drift;
mod least;
mod levels;
mod life;
mod limits;
mod logs;
mod plugins;
mod rotation;
mod steps;
