//! What an instance is: by whom, with what, how big.

use super::{
    InstanceError, Made, Place,
    made::found,
    programs::programs,
    run::{self, running},
};
use crate::host::{Command, process::Running};
use std::time::Duration;

const SIZE_LIMIT: Duration = Duration::from_mins(2);

/// What one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct What {
    /// What its folder says.
    pub made: Made,
    /// The version of the program that is there for it: `10.11.19-MariaDB-0+deb12u1`.
    pub version: String,
    /// Its process, if it runs.
    pub running: Option<Running>,
    /// What its folder takes.
    pub bytes: u64,
    /// What is free where it is.
    pub free_bytes: u64,
    /// The end of its error log, for a message.
    pub last_errors: String,
}

/// Nothing, where there is none.
///
/// # Errors
/// Somebody else's folder, or a program that is missing or another one.
pub async fn what(place: &Place<'_>) -> Result<Option<What>, InstanceError> {
    place.checked()?;
    let Some(made) = found(place).await? else { return Ok(None) };
    let version = programs(place, &made.spec.flavour).await?.version;
    // What goes away while it counts is not an error.
    let used = Command::new(["du", "-s", "-B1", "--", &place.folder]).limit(SIZE_LIMIT);
    let bytes = first_number(&place.ran(&used).await?.text())?;
    let free = Command::new(["df", "--output=avail", "-B1", "--", &place.folder]);
    let free = place.succeeded(&free).await?.text();
    Ok(Some(What {
        made,
        version,
        running: running(place).await?,
        bytes,
        free_bytes: first_number(free.lines().last().unwrap_or_default())?,
        last_errors: run::last_errors(place).await?,
    }))
}

fn first_number(text: &str) -> Result<u64, InstanceError> {
    let word = text.split_whitespace().next().and_then(|word| word.parse().ok());
    word.ok_or_else(|| InstanceError::Nonsense(text.chars().take(80).collect()))
}
