//! Accounts on database servers: what one is, the statements that make and end it, what a server says of it, and the difference. Pure.
//!
//! * [`name`] and [`host`] who an account is, and from where
//! * [`privilege`] what it may: a level on a database or on tables
//! * [`password`], [`scramble`], [`given`] what it logs in with; only hashes go to a server
//! * [`statement`] and [`statements`] the SQL, with what people may see of it
//! * [`database`] a database as it is asked for
//! * [`shown`] what `SHOW GRANTS` and `SHOW CREATE USER` say
//! * [`desk`] what dbdesk's own account needs
//! * [`own`] what the accounts that review and run tickets get on a new database
//! * [`ask`] what a ticket asks for: fields, steps, and the text that people approve
//! * [`drift`] what was granted against what is there

pub mod ask;
pub mod database;
pub mod desk;
pub mod dialect;
pub mod drift;
pub mod given;
pub mod host;
pub mod name;
pub mod own;
pub mod password;
pub mod privilege;
pub mod scramble;
mod sha256_crypt;
pub mod shown;
pub mod statement;
pub mod statements;

pub use dialect::Dialect;
pub use host::{HostPattern, HostPolicy};
pub use name::{AccountName, DatabaseName, TableName, UserName};
pub use password::Password;
pub use privilege::{Level, Privilege, Privileges, Reach, Scope};
pub use scramble::{Plugin, Scramble};
pub use statement::{Statement, Step};
