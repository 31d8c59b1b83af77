//! `/cluster parameters`

use super::{account_request::given, workflow_file::values};
use crate::inbound::parts::Typed;
use dbdesk_commands::{lang::Said, wire::workflow::Change};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::Parameters { values: values(&it.values)?, to: given(&it.to) })
}
