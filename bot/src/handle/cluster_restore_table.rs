//! `/cluster restore-table`

use super::account_request::given;
use crate::inbound::parts::Typed;
use dbdesk_commands::wire::workflow::Change;

/// What it asks for.
pub(super) fn change(it: &Typed) -> Change {
    Change::RestoreTable {
        database: it.database.trim().to_owned(),
        table: it.table.trim().to_owned(),
        until: it.until.trim().to_owned(),
        becomes: given(&it.becomes),
    }
}
