//! `/account renew`: an account lives on; and what all changes of an account have in common.

use super::{Desk, account_request::given, finish, sorry, sql_submit::told_with_thread};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{escape, message::Message, problem},
    rest::RestError,
};
use dbdesk_commands::{
    id::AccountId,
    lang::{Lang, Said, said},
    wire::{account::AccountRenew, ticket::TicketView},
};
use serde::Serialize;

/// Files it, and says where its thread is.
pub async fn renew(
    desk: &Desk,
    inbound: &Inbound,
    which: &str,
    until: &str,
    reason: &str,
) -> Result<(), RestError> {
    let body = AccountRenew { until: given(until), reason: given(reason) };
    change(desk, inbound, (which, "renew"), &body).await
}

/// Does `word` to an account: files a ticket.
pub(super) async fn change(
    desk: &Desk,
    inbound: &Inbound,
    (which, word): (&str, &str),
    body: &impl Serialize,
) -> Result<(), RestError> {
    let Ok(AccountId(id)) = which.parse() else {
        return finish(desk, inbound, not_an_account(which, inbound.asker.lang)).await;
    };
    let (who, id) = (inbound.asker.acting(), id.to_string());
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &["accounts", &id, word], body).await;
    match filed {
        Ok(ticket) => told_with_thread(desk, inbound, &ticket).await,
        Err(error) => finish(desk, inbound, sorry(&error, inbound)).await,
    }
}

fn not_an_account(text: &str, lang: Lang) -> Message {
    let shown = escape::code(text, 40);
    let said = said!(
        "{shown} is not an account's number. It looks like `A-42`; choose one from the list while you type.",
        "{shown} 不是账号编号。编号形如 `A-42`，输入时可以从列表里选。"
    );
    problem::boxed(&Said::fixed("Which account?", "哪个账号？"), &said, lang)
}
