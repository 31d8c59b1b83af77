//! `/instance parameters`

use super::workflow_file::values;
use crate::inbound::parts::Typed;
use dbdesk_commands::{lang::Said, wire::workflow::Change};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::InstanceParameters { server: it.server.trim().to_owned(), values: values(&it.values)? })
}
