//! `/vip move`

use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::VipMove { vip: it.vip.trim().to_owned(), to: it.to.trim().to_owned() }
}
