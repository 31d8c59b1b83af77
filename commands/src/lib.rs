//! WORDS: what a person can say to dbdesk and what crosses HTTP. No I/O; every other crate may depend on it.
//!
//! * [`lang`] two languages for every sentence, or it does not compile
//! * [`id`] typed ids · [`clock`] the time as an argument · [`point`] where a test lets a process die · [`when`] "now", "at" and "next quiet window" · [`past`] a time that has been
//! * [`params`] `key=value` as it is typed
//! * [`verbs`] the slash commands with their texts and typed options
//! * [`wire`] the bodies of the HTTP API

pub mod clock;
pub mod id;
pub mod lang;
pub mod params;
pub mod past;
pub mod point;
pub mod verbs;
pub mod when;
pub mod wire;
