//! As whom the caller acts.

use super::Caller;
use dbdesk_commands::wire::person::Me;

/// Says it.
#[must_use]
pub fn me(caller: &Caller) -> Me {
    caller.person.me()
}
