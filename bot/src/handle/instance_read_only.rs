//! `/instance read-only`

use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::InstanceReadOnly { server: it.server.trim().to_owned(), on: it.set != "off" }
}
