//! `/cluster compare`

use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change() -> Change {
    Change::Compare {}
}
