//! Renew, at the press of a button of the ticket that made an account.

use super::{Caller, Failure, Once, account_renew, refuse, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        account::AccountRenew,
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_ticket::machine::{self, Move};

/// Files the ticket that lets its account live on. Gives that.
pub async fn renew(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: AccountRenew,
) -> Result<TicketView, Failure> {
    let row = step::look(desk, caller, id, TicketVerb::Renew).await?.row;
    let wrong = |state| refuse::wrong_state(id, state, TicketVerb::Renew);
    if let Err(illegal) = machine::apply(row.now.state, Move::Renew) {
        return Err(wrong(illegal.state).into());
    }
    let account = row.account.ok_or_else(|| wrong(row.now.state))?;
    account_renew::renew(desk, caller, once, account, body).await
}
