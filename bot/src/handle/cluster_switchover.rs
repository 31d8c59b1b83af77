//! `/cluster switchover`

use super::workflow_file::number;
use crate::inbound::parts::Typed;
use dbdesk_commands::{lang::Said, wire::workflow::Change};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::Switchover {
        to: it.to.trim().to_owned(),
        most_lag_ms: number::<u32>("lag", &it.lag)?.map(|seconds| seconds.saturating_mul(1_000)),
        primary_reads: false,
    })
}
