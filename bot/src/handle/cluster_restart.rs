//! `/cluster restart`

use super::account_request::given;
use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::Restart { to: given(&it.to) }
}
