//! The DBAs' own scripts, as far as they can be judged without touching one: what a manifest says, what a run is asked for with, what a
//! script says while it runs, and where each bound is. Pure.
//!
//! * [`manifest`] `script.toml`: a script's name, texts, parameters, and who may run it where
//! * [`parameter`] what a parameter takes, and what was typed for one
//! * [`length`] lengths of time as people write them: `90s`, `10m`
//! * [`files`] the hash of a script's files, to which its approval binds
//! * [`run`] what a ticket asks for: fields, and the text that people approve
//! * [`protocol`] the lines that a script writes
//! * [`bounds`] how much it may say
//! * [`ending`] how it ended, as people read it

pub mod bounds;
pub mod ending;
pub mod files;
pub mod length;
pub mod manifest;
pub mod parameter;
pub mod protocol;
pub mod run;

pub use ending::Ending;
pub use manifest::{Approvals, Fault, Manifest, Secrets};
pub use parameter::{Kind, Parameter};
pub use run::{Request, Run};
