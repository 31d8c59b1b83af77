//! What is asked for in typed fields, and not in SQL, as a ticket: the text that people approve is made from the fields.

use super::{
    Caller, Failure,
    refuse::{invalid, quoted},
    reviewing::{Reviewed, hash},
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{Dialect, Plugin, ask::Ask};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    lang::{Lang, Said, said},
    when::When,
    wire::{
        entry::{AboutAccount, Event},
        person::Actor,
        policy::RequestKind,
        problem::{Code, Refusal},
        ticket::{Risk, TicketState},
    },
};
use dbdesk_review::{Flavour, Judged};
use dbdesk_store::{
    Tx,
    account::{self, AccountRow},
    entry,
    person::Person,
    service_group::GroupRow,
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_ticket::machine::{self, Move};

/// In whose name the desk files what it found by itself.
pub const DESK: &str = "dbdesk";

/// What a ticket asks for that is no SQL.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The fields, JSON.
    pub(super) request: String,
    /// What kind.
    pub(super) kind: RequestKind,
    /// What a task counts.
    pub(super) steps: u32,
    /// How much it can hurt.
    pub(super) risk: Risk,
    /// It takes away, or gives nothing that was not given before: nobody is needed.
    pub(super) is_free: bool,
}

/// A ticket that is about to be filed for such a request.
pub(super) struct AskFiling<'a> {
    pub(super) group: &'a GroupRow,
    pub(super) database: String,
    pub(super) requester: &'a Person,
    pub(super) reason: String,
    pub(super) lang: Lang,
    pub(super) ask: &'a Ask,
    pub(super) is_free: bool,
}

/// Files it.
pub(super) async fn file_ask(
    desk: &Desk,
    tx: &mut Tx,
    it: AskFiling<'_>,
    now: Time,
) -> Result<TicketRow, Failure> {
    let dialect = dialect(&it.group.group)?;
    let text = it.ask.text(dialect).map_err(invalid)?;
    let reviewed = reviewed(it.ask, &text, (dialect, it.is_free))?;
    let filing = Filing {
        group: it.group,
        database: it.database,
        requester: it.requester,
        reason: it.reason,
        lang: it.lang,
        when: When::Now,
        schedule: None,
        takes_back: None,
        account: it.ask.account().map(|account| account.id),
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed,
    };
    file(desk, tx, filing, now).await
}

fn reviewed(ask: &Ask, text: &str, (dialect, is_free): (Dialect, bool)) -> Result<Reviewed, Failure> {
    let (kind, risk) = match ask {
        Ask::MakeDatabase { .. } => (RequestKind::Database, Risk::Low),
        // It may lock accounts that somebody works with.
        Ask::Repair { .. } => (RequestKind::Account, Risk::High),
        Ask::Create { account, .. } if account.privileges.level != dbdesk_account::Level::Ro => {
            (RequestKind::Account, Risk::Medium)
        }
        _ => (RequestKind::Account, Risk::Low),
    };
    let asked = Asked {
        request: serde_json::to_string(ask).map_err(anyhow::Error::from)?,
        kind,
        steps: ask.counted(dialect).map_err(invalid)?,
        risk,
        is_free,
    };
    Ok(Reviewed {
        judged: Judged { live: true, ..Judged::default() },
        sql_hash: hash(text),
        takes_back: None,
        without_undo: Vec::new(),
        online: Vec::new(),
        in_chunks: Vec::new(),
        spread: None,
        asked: Some(asked),
    })
}

/// How statements are written for a group, by what the inventory says of its servers.
pub(super) fn dialect(group: &ServiceGroup) -> Result<Dialect, Failure> {
    let flavour = Flavour::of_name(&group.flavour);
    let flavour =
        flavour.ok_or_else(|| anyhow::anyhow!("{} has the flavour {}", group.name, group.flavour))?;
    Ok(Dialect::of(flavour))
}

/// How accounts of a group log in.
pub(super) fn plugin(desk: &Desk, dialect: Dialect) -> Plugin {
    if dialect.is_mariadb() { desk.config.account.mariadb_plugin } else { Plugin::CachingSha2 }
}

/// Whether the desk can make accounts on this group at all.
pub(super) fn can_grant(desk: &Desk, group: &ServiceGroup) -> Result<(), Failure> {
    let dialect = dialect(group)?;
    let name = &group.name;
    if !dialect.is_served() {
        return Err(invalid(said!(
            "The servers of “{name}” are older than MySQL 8.0.17 or MariaDB 10.5, where the desk makes no accounts. Ask a DBA.",
            "“{name}”的服务器版本早于 MySQL 8.0.17 或 MariaDB 10.5，工单台无法在其上创建账号。请联系 DBA。"
        ))
        .into());
    }
    let has_account = desk.config.target.account_account(name).is_some();
    if !has_account || desk.config.backup.secret_key.is_empty() {
        return Err(Refusal::new(
            Code::Invalid,
            said!(
                "The desk does not make accounts on “{name}” yet. A DBA gives it an account for that (`[target] account_user`) and a key \
                 that seals passwords (`[backup] secret_key_file`).",
                "工单台还不能在“{name}”上创建账号。请 DBA 配置所需的账号（`[target] account_user`）和用于加密密码的密钥（`[backup] secret_key_file`）。"
            ),
        )
        .into());
    }
    Ok(())
}

/// When an account is to end, as typed: `90d`, or a date or time.
pub(super) fn until(desk: &Desk, text: &str, group: &ServiceGroup, now: Time) -> Result<Time, Refusal> {
    let text = text.trim();
    let most = i64::from(desk.config.account.most_days);
    let days = text.strip_suffix(['d', 'D', '天']).and_then(|days| days.trim().parse::<i64>().ok());
    let at = match days {
        Some(days) if (1..=most).contains(&days) => now + TimeDelta::days(days),
        Some(_) => return Err(too_long(most)),
        None => typed(text, group).ok_or_else(|| not_a_time(text))?,
    };
    if at <= now + TimeDelta::hours(1) {
        return Err(invalid(said!(
            "An account ends at a time to come, at least an hour from now, such as `90d` or `2027-03-01`.",
            "账号的到期时间必须至少在一小时之后，例如 `90d` 或 `2027-03-01`。"
        )));
    }
    if at > now + TimeDelta::days(most) { Err(too_long(most)) } else { Ok(at) }
}

fn typed(text: &str, group: &ServiceGroup) -> Option<Time> {
    use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    group.time_zone.from_local_datetime(&local).earliest().map(|at| at.with_timezone(&Utc))
}

fn not_a_time(text: &str) -> Refusal {
    invalid(said!(
        "I do not understand “{text}” as an end. Write days such as `90d`, or a date such as `2027-03-01`.",
        "看不懂到期时间“{text}”。请写天数（例如 `90d`）或日期（例如 `2027-03-01`）。",
        text = quoted(text)
    ))
}

fn too_long(most: i64) -> Refusal {
    invalid(said!(
        "An account lives {most} days at most; renew it when its end comes near. Its owner is told before.",
        "账号最长 {most} 天，临近到期时可以续期，届时会提前通知。"
    ))
}

/// An account for one who sees it; to others it is not there. Gives it with its group.
pub(super) async fn seen(
    desk: &Desk,
    caller: &Caller,
    id: AccountId,
) -> Result<(AccountRow, GroupRow), Failure> {
    let row = account::get(&desk.store, id).await?.ok_or_else(|| no_account(id))?;
    let group = dbdesk_store::service_group::by_id(&desk.store, row.group).await?;
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
pub(super) fn spec(row: &AccountRow) -> Result<dbdesk_account::ask::Account, Failure> {
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
    for waiting in account::waiting_of(tx, id, DESK).await? {
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
pub(super) async fn told(
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
