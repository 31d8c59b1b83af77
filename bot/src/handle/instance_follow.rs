//! `/instance follow`

use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::InstanceFollow { server: it.server.trim().to_owned(), source: it.source.trim().to_owned() }
}
