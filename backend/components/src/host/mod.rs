//! Machines on which something is run: this one, a network namespace of it, or another one by ssh.
//!
//! A [`Host`] runs a [`Command`]: words and not a line, so that nothing in them is ever read by a shell. All else (files in
//! [`mod@file`], processes that stay in [`process`]) is made of that, the same on every host.

mod command;
mod error;
pub mod file;
mod local;
mod pipe;
pub mod process;
pub mod quote;
mod ssh;

pub use command::{Command, Done};
pub use error::HostError;
pub use local::Local;
pub(crate) use pipe::both;
pub use pipe::pipe;
pub use ssh::{NoAccess, Ssh, SshAccess};

use futures_util::future::BoxFuture;
use std::fmt;

/// Where programs are looked for, here and there.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Messages are read by programs.
const LOCALE: &str = "C.UTF-8";

/// A machine.
pub trait Host: Send + Sync + fmt::Debug {
    /// What it is called where people read of it.
    fn name(&self) -> &str;

    /// Runs a command to its end. How it ended is not an error; that it did not run, or not in time, is.
    fn run<'a>(&'a self, command: &'a Command) -> BoxFuture<'a, Result<Done, HostError>>;

    /// The words by which this machine has it run there.
    fn words(&self, command: &Command) -> Vec<String>;
}

/// Runs it, and takes any end but 0 for a failure.
pub async fn succeeded(host: &dyn Host, command: &Command) -> Result<Done, HostError> {
    let done = host.run(command).await?;
    if done.code == 0 { Ok(done) } else { Err(HostError::failed(command, &done)) }
}
