//! A DBA orders that nothing starts, in a group or anywhere, until a time or until somebody ends it.

use super::{
    Caller, Failure, Once, content,
    freeze_list::view,
    refuse::{self, invalid},
    reviewing::group,
};
use crate::desk::Desk;
use chrono_tz::Tz;
use dbdesk_cmdb::{Within, calendar::Freeze};
use dbdesk_commands::{
    clock::Time,
    lang::said,
    when::When,
    wire::{
        audit::{SubjectKind, What},
        freeze::{ALL_GROUPS, FreezeOn, FreezeView},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::Decision,
    freeze::{self, FreezeRow, MOST},
};
use serde_json::json;

/// Longest reason.
const REASON_CHARS: usize = 500;

/// Orders it.
pub async fn on(desk: &Desk, caller: &Caller, once: &Once, body: FreezeOn) -> Result<FreezeView, Failure> {
    let name = body.service_group.trim();
    // Who reaches some groups only does not reach all.
    let is_all = name == ALL_GROUPS && *caller.within() == Within::All;
    let group = if is_all { None } else { Some(group(desk, caller.within(), name).await?) };
    let what = said!("start a freeze", "开启冻结");
    refuse::only_dba(desk, caller, group.as_ref().map(|group| &group.group), what)?;
    let reason = content::reason_within(&body.reason, REASON_CHARS)?;
    let now = desk.clock.now();
    let zone = group.as_ref().map_or(Tz::UTC, |group| group.group.time_zone);
    let until = until(&body.until, zone, now)?;

    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    if freeze::in_force(&mut *tx, now).await?.len() >= MOST as usize {
        return Err(too_many().into());
    }
    let freeze = Freeze { group: group.map(|group| group.id), from: now, until, reason };
    let id = freeze::insert(&mut tx, &freeze, caller.person.id, now).await?;
    let detail = json!({ "service_group": name, "until": freeze.until });
    tx.decided(Decision::new(What::FreezeOn, SubjectKind::Freeze, id.to_string(), detail, now));
    let row = FreezeRow { id, freeze, by: caller.person.id, ended_at: None };
    let view = view(row, name.to_owned(), caller.person.view());
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}

fn until(text: &str, zone: Tz, now: Time) -> Result<Option<Time>, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match When::parse(text, zone, now).map_err(invalid)? {
        When::At(at) if at > now => Ok(Some(at)),
        _ => Err(invalid(said!(
            "A freeze ends at a time to come, such as `2026-11-23 02:00` ({zone}). Leave `until` out to freeze until somebody ends it.",
            "冻结的结束时间必须是将来的时间，例如 `2026-11-23 02:00`（{zone}）。不填 `until` 则一直冻结到有人解除。"
        ))),
    }
}

fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "There are {MOST} freezes in force already. End one with `/freeze off` first, or freeze `all`.",
            "生效中的冻结已有 {MOST} 个。请先用 `/freeze off` 解除一个，或者冻结 `all`。"
        ),
    )
}
