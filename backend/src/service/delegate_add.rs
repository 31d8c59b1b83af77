//! Somebody stands in while a person is away. Never passed on, and never with roles that he has not himself: `standing` sees to both.

use super::{
    Caller, Failure, Once,
    content::reason_within,
    delegate_list::view,
    refuse::{self, invalid, quoted},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use chrono_tz::Tz;
use dbdesk_commands::{
    clock::Time,
    id::DelegationId,
    lang::said,
    past,
    wire::{
        audit::{SubjectKind, What},
        delegation::{DelegateAdd, DelegationView},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::Decision,
    delegation::{self, Delegation, DelegationRow},
    person::{self, Person},
};
use serde_json::json;

/// Longest reason.
const REASON_CHARS: usize = 500;
/// The most that are open of one person.
const MOST: usize = 10;

/// Writes it down.
pub async fn add(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: DelegateAdd,
) -> Result<DelegationView, Failure> {
    refuse::only_for_all_groups(caller, &said!("let somebody stand in", "设置代理"))?;
    let person = who_is_away(desk, caller, body.person.trim()).await?;
    let to = found(desk, body.to.trim()).await?;
    if to.id == person.id {
        return Err(himself().into());
    }
    if to.discord_id.is_none() {
        return Err(not_linked(&to.name).into());
    }
    let reason = reason_within(&body.reason, REASON_CHARS)?;
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    let (from, until) = times(&body, desk.config.policy.delegation_days, now)?;
    once.claim(&mut tx, 201, now).await?;
    // The most of one person holds for two requests at the same moment, too.
    person::lock(&mut tx, &person.name).await?;
    if let Some(id) = delegation::covering(&mut tx, (person.id, to.id), (from, until)).await? {
        return Err(again(id, &to.name).into());
    }
    if delegation::count(&mut tx, person.id, now).await? >= MOST {
        return Err(too_many().into());
    }
    let delegation = Delegation { person: person.id, to: to.id, from, until, reason, by: caller.person.id };
    let id = delegation::insert(&mut tx, &delegation, now).await?;
    let detail = json!({ "person": person.name, "to": to.name, "from": from, "until": until });
    tx.decided(Decision::new(What::DelegationAdded, SubjectKind::Delegation, id.to_string(), detail, now));
    let row = DelegationRow { id, delegation, ended_at: None };
    let view = view(row, [&person, &to, &caller.person]);
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    tracing::info!(delegation = %id, person = %person.id, to = %to.id, by = %caller.person.id, "somebody stands in");
    Ok(view)
}

/// The caller himself; an admin may say it of anybody.
async fn who_is_away(desk: &Desk, caller: &Caller, name: &str) -> Result<Person, Failure> {
    if name.is_empty() {
        return Ok(caller.person.clone());
    }
    let himself = name == caller.person.name
        || name.strip_prefix(DISCORD).is_some_and(|id| caller.person.discord_id.as_deref() == Some(id));
    if himself {
        return Ok(caller.person.clone());
    }
    refuse::only_admin(caller, &said!("say who stands in for somebody else", "指定他人的代理人"))?;
    found(desk, name).await
}

/// What a Discord user id begins with where a person is named by it.
const DISCORD: &str = "discord:";

async fn found(desk: &Desk, name: &str) -> Result<Person, Failure> {
    let person = match name.strip_prefix(DISCORD) {
        Some(id) => person::by_discord(&desk.store, id).await?,
        None => person::by_name(&desk.store, name).await?,
    };
    person.ok_or_else(|| not_linked(name).into())
}

fn times(body: &DelegateAdd, days: u32, now: Time) -> Result<(Time, Time), Refusal> {
    let from = match body.from.trim() {
        "" | "now" | "现在" => now,
        text => time(text, (now, days))?,
    };
    let until = time(&body.until, (now, days))?;
    if until <= from {
        return Err(invalid(said!(
            "It ends before it begins. Write a later time in `until`.",
            "结束时间早于开始时间，请在 `until` 里填写更晚的时间。"
        )));
    }
    if until - from > TimeDelta::days(i64::from(days)) {
        return Err(too_long(days));
    }
    Ok((from, until))
}

/// A time to come, in UTC where it does not say; `3d` is in three days, as with accounts.
fn time(text: &str, (now, most): (Time, u32)) -> Result<Time, Refusal> {
    let text = text.trim();
    if let Some(length) = ahead(text) {
        return match length {
            _ if length <= TimeDelta::zero() => Err(no_time(text)),
            _ if length > AHEAD_MOST => Err(too_long(most)),
            _ => Ok(now + length),
        };
    }
    match past::parse(text, Tz::UTC, now) {
        Ok(at) if at > now => Ok(at),
        Ok(at) => Err(invalid(said!(
            "{at} has passed. Write a time to come.",
            "{at} 已经过去了，请填写将来的时间。",
            at = at.format("%Y-%m-%d %H:%M UTC")
        ))),
        Err(_) => Err(no_time(text)),
    }
}

/// No delegation begins or ends later than this, whatever the configuration says.
const AHEAD_MOST: TimeDelta = TimeDelta::days(3_650);

/// `90m`, `12h` or `3d` from now on. More than can be is as long as can be.
fn ahead(text: &str) -> Option<TimeDelta> {
    let (at, unit) = text.char_indices().next_back()?;
    let digits = text.get(..at)?.trim_end();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse().unwrap_or(i64::MAX);
    let length = match unit {
        'm' | 'M' => TimeDelta::try_minutes(number),
        'h' | 'H' => TimeDelta::try_hours(number),
        'd' | 'D' | '天' => TimeDelta::try_days(number),
        _ => return None,
    };
    Some(length.unwrap_or(TimeDelta::MAX))
}

fn too_long(days: u32) -> Refusal {
    invalid(said!(
        "Somebody may stand in for {days} days at most. Write an earlier time in `until`, such as `{days}d`.",
        "代理最长 {days} 天，请在 `until` 里填写更早的时间，例如 `{days}d`。"
    ))
}

fn no_time(text: &str) -> Refusal {
    invalid(said!(
        "I do not understand the time “{text}”. Write how long from now, such as `3d` or `12h`, or a time such as `2026-11-30 08:00` (UTC) or \
         `2026-11-30T08:00:00+08:00`.",
        "看不懂时间“{text}”。请写从现在起多久（例如 `3d`、`12h`），或者 `2026-11-30 08:00`（UTC）、`2026-11-30T08:00:00+08:00` 这样的时间。",
        text = quoted(text)
    ))
}

fn again(id: DelegationId, to: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{id} says that already: {to} stands in for all of that time. `/delegate end delegation:{id}` ends it.",
            "{id} 已经包含这段时间：由 {to} 代理。如要结束，请用 `/delegate end delegation:{id}`。"
        ),
    )
}

fn himself() -> Refusal {
    invalid(said!(
        "Nobody stands in for himself. Choose somebody else.",
        "不能由本人代理本人，请选择其他人。"
    ))
}

fn not_linked(name: &str) -> Refusal {
    let name = quoted(name.strip_prefix(DISCORD).unwrap_or(name));
    Refusal::new(
        Code::NotFound,
        said!(
            "“{name}” is nobody who is linked to the desk. Choose somebody who is, or let him use `/link` first.",
            "“{name}”没有关联工单台。请选择已关联的人，或请他先使用 `/link`。"
        ),
    )
}

fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "There are {MOST} delegations open already. End one with `/delegate end` first.",
            "已有 {MOST} 个未结束的代理。请先用 `/delegate end` 结束一个。"
        ),
    )
}
