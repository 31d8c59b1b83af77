//! Taking a change of rows back: which rows a statement will touch, how they are kept, and what brings them back. Pure: text in, text
//! out; `dbdesk_components::mysql::undoable` does the asking.
//!
//! ```text
//! statement + tables ─ kept::plan ─▶ Kept: the SELECTs of the rows before and after ─ (server) ─▶ Images ─ restore ─▶ SQL that undoes
//!                        └ Lack: why it can not be taken back
//! ```

pub mod aside;
mod chance;
mod change;
pub mod chunk;
pub mod definition;
pub mod field;
pub mod fold;
pub mod images;
mod insert;
pub mod kept;
pub mod lack;
pub mod restore;
pub mod rollback;
pub mod sealed;
mod table;
mod written;

pub use field::Field;
pub use images::{Images, Layout, Row, Values};
pub use kept::{Disagreed, Kept, plan};
pub use lack::Lack;
