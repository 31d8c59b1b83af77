//! Stories of the bot on the Discord simulator, with a small stand-in for the backend.

mod desk;
mod double;
mod rulebook;
mod stage;

mod bad_input;
mod buttons;
mod commands;
mod gateway;
mod lanes;
mod live;
mod notices;
mod rules;
mod thread;
