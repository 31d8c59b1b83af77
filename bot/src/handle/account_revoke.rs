//! `/account revoke`: an account ends.

use super::{Desk, account_renew::change, account_request::given};
use crate::{inbound::Inbound, rest::RestError};
use dbdesk_commands::wire::account::AccountRevoke;

/// Files it, and says where its thread is.
pub async fn revoke(desk: &Desk, inbound: &Inbound, which: &str, reason: &str) -> Result<(), RestError> {
    change(desk, inbound, (which, "revoke"), &AccountRevoke { reason: given(reason) }).await
}
