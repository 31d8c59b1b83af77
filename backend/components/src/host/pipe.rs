//! What one program says is what another one reads, be it on another host.

use super::{Command, Done, Host, HostError, error::NO_PROGRAM, local, ssh::SSH_FAILED};
use dbdesk_commands::lang::Said;
use std::{io, process::Stdio};
use tokio::time::timeout;

/// Runs both until they have ended: the second reads what the first says. Between two hosts the bytes come through this machine, as many at a
/// time as a pipe of the kernel holds. The first one's limit holds for both; what either is given to read is not used.
///
/// How they ended is not an error; that they did not run, or not in time, is.
pub async fn pipe(
    (from, says): (&dyn Host, &Command),
    (to, reads): (&dyn Host, &Command),
) -> Result<(Done, Done), HostError> {
    says.checked()?;
    reads.checked()?;
    let mut first = started(&from.words(says), Stdio::null())?;
    let output = first.0.stdout.take().map(TryInto::<Stdio>::try_into).transpose();
    let output = output.map_err(|error| HostError::Nonsense(error.to_string()))?;
    let mut second = started(&to.words(reads), output.unwrap_or_else(Stdio::null))?;
    let both = async { tokio::try_join!(first.ended(says), second.ended(reads)) };
    let (said, read) = timeout(says.limit, both).await.unwrap_or(Err(HostError::Time(says.limit)))?;
    for done in [&said, &read] {
        if done.code == SSH_FAILED {
            return Err(HostError::Broke(done.complaint()));
        }
    }
    Ok((said, read))
}

fn started(words: &[String], stdin: Stdio) -> Result<local::Group, HostError> {
    let (program, arguments) = words
        .split_first()
        .ok_or(HostError::Words(Said::fixed("there is no program", "没有要运行的程序")))?;
    match local::process(program, arguments).stdin(stdin).spawn() {
        Ok(child) => Ok(local::Group(child)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(HostError::NoProgram(program.clone())),
        Err(error) => Err(HostError::Unreachable(error.to_string())),
    }
}

/// Both succeeded; else what the one says that failed first.
///
/// # Errors
/// The first one's failure, but where it only found that nobody read on: then the second one's.
pub(crate) fn both(
    (says, said): (&Command, &Done),
    (reads, read): (&Command, &Done),
) -> Result<(), HostError> {
    /// 128 + SIGPIPE: nobody read on.
    const NOBODY_READ: i32 = 141;
    if read.code != 0 && (said.code == 0 || said.code == NOBODY_READ || read.code == NO_PROGRAM) {
        return Err(HostError::failed(reads, read));
    }
    if said.code == 0 { Ok(()) } else { Err(HostError::failed(says, said)) }
}
