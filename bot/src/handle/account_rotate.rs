//! `/account rotate`: an account gets another password.

use super::{Desk, account_renew::change, account_request::given};
use crate::{inbound::Inbound, rest::RestError};
use dbdesk_commands::wire::account::AccountRotate;

/// Files it, and says where its thread is.
pub async fn rotate(
    desk: &Desk,
    inbound: &Inbound,
    which: &str,
    hash: &str,
    reason: &str,
) -> Result<(), RestError> {
    let body = AccountRotate { hash: given(hash), reason: given(reason) };
    change(desk, inbound, (which, "rotate"), &body).await
}
