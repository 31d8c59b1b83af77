//! `/dns remove`

use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::DnsRemove { name: it.name.trim().to_owned() }
}
