//! What is asked for in typed fields, and not in SQL, as a ticket: the text that people approve is made from the fields.

use super::{
    Failure,
    refuse::{invalid, invalid_whole, quoted},
    reviewing::{Reviewed, hash},
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{Dialect, Plugin, ask::Ask};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    lang::{Lang, said},
    when::When,
    wire::{
        policy::RequestKind,
        problem::{Code, Refusal},
        ticket::Risk,
    },
};
use dbdesk_review::{Flavour, Judged};
use dbdesk_store::{Tx, person::Person, service_group::GroupRow, ticket::TicketRow};
use dbdesk_ticket::{admission::Slot, approval::Step};

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
    /// Who approves it beside those whom policy names for it.
    pub(super) step: Option<Step>,
    /// The script that it runs.
    pub(super) script: Option<Slot>,
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
    let text = it.ask.text(dialect).map_err(|said| invalid_whole(&said))?;
    let asked = asked(it.ask, (dialect, it.is_free))?;
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
        reviewed: &reviewed(&text, asked),
    };
    file(desk, tx, filing, now).await
}

/// What stands in the place of a review where there is no SQL to review.
pub(super) fn reviewed(text: &str, asked: Asked) -> Reviewed {
    Reviewed {
        judged: Judged { live: true, ..Judged::default() },
        sql_hash: hash(text),
        takes_back: None,
        without_undo: Vec::new(),
        online: Vec::new(),
        in_chunks: Vec::new(),
        spread: None,
        asked: Some(Box::new(asked)),
    }
}

fn asked(ask: &Ask, (dialect, is_free): (Dialect, bool)) -> Result<Asked, Failure> {
    let (kind, risk) = match ask {
        Ask::MakeDatabase { .. } => (RequestKind::Database, Risk::Low),
        // It may lock accounts that somebody works with.
        Ask::Repair { .. } => (RequestKind::Account, Risk::High),
        Ask::Create { account, .. } if account.privileges.level != dbdesk_account::Level::Ro => {
            (RequestKind::Account, Risk::Medium)
        }
        _ => (RequestKind::Account, Risk::Low),
    };
    Ok(Asked {
        request: serde_json::to_string(ask).map_err(anyhow::Error::from)?,
        kind,
        steps: ask.counted(dialect).map_err(|said| invalid_whole(&said))?,
        risk,
        is_free,
        step: None,
        script: None,
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
