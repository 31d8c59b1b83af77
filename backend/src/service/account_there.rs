//! An account that is there: who may ask something of it, and the ticket that does it.

use super::{
    Caller, Failure, Once,
    asking::{AskFiling, file_ask},
    content, view,
};
use crate::desk::Desk;
use dbdesk_account::ask::{Account, Ask};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    lang::{Lang, Said, said},
    wire::{
        entry::{AboutAccount, Event},
        person::Actor,
        problem::{Code, Refusal},
        ticket::{TicketState, TicketView},
    },
};
use dbdesk_store::{
    Tx,
    account::{self, AccountRow},
    entry,
    person::Person,
    service_group::{self, GroupRow},
    ticket::{self, TicketChange},
};
use dbdesk_ticket::machine::{self, Move};

/// What is asked of it.
pub(super) struct About<'a> {
    pub(super) group: &'a GroupRow,
    pub(super) row: &'a AccountRow,
    pub(super) ask: Ask,
    pub(super) what: AboutAccount,
    pub(super) reason: String,
    /// It takes away, or gives nothing that was not given before: nobody is needed.
    pub(super) is_free: bool,
}

/// Files it; the thread of the ticket that made the account says so. Gives the tickets whose log grew, this one last.
pub(super) async fn file_about(
    desk: &Desk,
    mut tx: Tx,
    once: Option<&Once>,
    (requester, by, lang): (&Person, &Actor, Lang),
    (it, now): (About<'_>, Time),
) -> Result<Vec<TicketId>, Failure> {
    let filing = AskFiling {
        group: it.group,
        database: it.row.database.clone(),
        requester,
        reason: it.reason,
        lang,
        ask: &it.ask,
        is_free: it.is_free,
    };
    let filed = file_ask(desk, &mut tx, filing, now).await?;
    let first = told(&mut tx, it.row, (by, it.what), filed.id, now).await?;
    if let Some(once) = once {
        once.about(&mut tx, filed.id).await?;
    }
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    let tickets: Vec<TicketId> = first.into_iter().chain([filed.id]).collect();
    for id in &tickets {
        desk.changed(*id);
    }
    Ok(tickets)
}

/// The same in the caller's name, and shows it.
pub(super) async fn file_for(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    tx: Tx,
    (it, now): (About<'_>, Time),
) -> Result<TicketView, Failure> {
    let by = caller.actor();
    let tickets = file_about(desk, tx, Some(once), (&caller.person, &by, caller.lang), (it, now)).await?;
    let filed = tickets.last().ok_or_else(|| anyhow::anyhow!("nothing was filed"))?;
    view::ticket(desk, *filed, caller.lang).await
}

/// Why, as typed; else as usual.
pub(super) fn reason(typed: Option<&str>, lang: Lang, usual: &Said) -> Result<String, Failure> {
    match typed {
        Some(typed) => Ok(content::reason(typed)?),
        None => Ok(usual.in_lang(lang).to_owned()),
    }
}

/// An account for one who sees it; to others it is not there. Gives it with its group.
pub(super) async fn seen(
    desk: &Desk,
    caller: &Caller,
    id: AccountId,
) -> Result<(AccountRow, GroupRow), Failure> {
    let row = account::get(&desk.store, id).await?.ok_or_else(|| no_account(id))?;
    let group = service_group::by_id(&desk.store, row.group).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("the service group of {id} is gone"))?;
    let who = &caller.person;
    let is_of_team = row.team.is_some() && row.team == who.team;
    if row.owner == who.id || is_of_team || is_dba(desk, caller, &group.group) {
        return Ok((row, group));
    }
    Err(no_account(id).into())
}

/// Whether he is a DBA of this group.
pub(super) fn is_dba(desk: &Desk, caller: &Caller, group: &ServiceGroup) -> bool {
    desk.config.policy.approvers.is_dba(group.dbas.as_deref(), &caller.person.member())
}

pub(super) fn no_account(id: AccountId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no account {id}. `/account list` shows those there are.",
            "没有账号 {id}。可以用 `/account list` 查看现有账号。"
        ),
    )
}

/// Only its owner, or also a DBA, may.
pub(super) fn only_owner(id: AccountId, or_dba: bool) -> Refusal {
    let said = if or_dba {
        said!(
            "Only the one who asked for {id}, or a DBA, may do this. Ask one of them.",
            "只有申请 {id} 的人或 DBA 可以这样做。请联系他们。"
        )
    } else {
        said!(
            "Only the one who asked for {id} may do this, since he is handed the password. Ask him.",
            "只有申请 {id} 的人可以这样做，因为密码只交给他。请联系他。"
        )
    };
    Refusal::new(Code::Forbidden, said)
}

/// What the row says the account is.
pub(super) fn spec(row: &AccountRow) -> Result<Account, Failure> {
    Ok(serde_json::from_str(&row.spec).map_err(anyhow::Error::from)?)
}

/// Locks it, and refuses while another ticket is about it.
pub(super) async fn alone(tx: &mut Tx, id: AccountId, now: Time) -> Result<AccountRow, Failure> {
    let row = account::lock(tx, id).await?.ok_or_else(|| no_account(id))?;
    take_back(tx, id, now).await?;
    match account::open_ticket(&mut **tx, id).await? {
        Some((other, by)) => Err(busy(id, other, by == row.owner).into()),
        None => Ok(row),
    }
}

/// The desk takes back what it filed about this account and could not do in its time: it would do it at any time after. What is still due is
/// filed anew. The account's row is locked.
pub(super) async fn take_back(tx: &mut Tx, id: AccountId, now: Time) -> Result<(), Failure> {
    for waiting in account::waiting_of_desk(tx, id).await? {
        let Some(row) = ticket::lock(tx, waiting).await? else { continue };
        let from = row.now.state;
        let Ok(state) = machine::apply(from, Move::Withdraw) else { continue };
        if from != TicketState::AwaitingApproval {
            continue;
        }
        let change = TicketChange { state, due_at: None, approval_expires_at: None, ..row.now.clone() };
        let row = ticket::move_to(tx, &row, change, now).await?;
        let event = Event::Withdrawn { by: Actor::Desk };
        entry::append(tx, &row, None, &Actor::Desk, now, &event, Some((from, state))).await?;
    }
    Ok(())
}

fn busy(id: AccountId, other: TicketId, by_owner: bool) -> Refusal {
    let said = if by_owner {
        said!(
            "{other} is about {id} and has not ended. Wait for it, or withdraw it first.",
            "{other} 正在处理 {id}，还没有结束。请等它结束，或先撤回它。"
        )
    } else {
        said!(
            "{other} is about {id} and has not ended. Wait for it, or ask a DBA to stop it.",
            "{other} 正在处理 {id}，还没有结束。请等它结束，或请 DBA 停止它。"
        )
    };
    Refusal::new(Code::WrongState, said)
}

/// The account is not in a state for this.
pub(super) fn wrong_state(row: &AccountRow) -> Refusal {
    let (id, Said { en, zh }) = (row.id, row.state.said());
    Refusal::new(
        Code::WrongState,
        said!("This is not possible: {id} is {en}.", "现在不能这样做：{id} 的状态是“{zh}”。"),
    )
}

/// The thread of the ticket that made it says what comes.
async fn told(
    tx: &mut Tx,
    row: &AccountRow,
    (by, what): (&Actor, AboutAccount),
    other: TicketId,
    now: Time,
) -> Result<Option<TicketId>, Failure> {
    let Some(first) = row.ticket.filter(|first| *first != other) else { return Ok(None) };
    let Some(ticket) = ticket::lock(tx, first).await? else { return Ok(None) };
    let event = Event::AboutAccount { by: by.clone(), ticket: other, what };
    entry::append(tx, &ticket, None, by, now, &event, None).await?;
    Ok(Some(first))
}
