//! Somebody else has looked at what was done in an emergency: another DBA of the group, or an admin. Never the one who acted.

use super::{Caller, Failure, Once, alarming, content::REASON_CHARS, emergency_off::no_emergency, refuse};
use crate::desk::Desk;
use dbdesk_commands::{
    id::EmergencyId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        emergency::{EmergencyReview, EmergencyView},
        person::Role,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::Decision,
    emergency::{self, EmergencyRow},
    person,
};
use serde_json::json;

/// Notes what he says.
pub async fn review(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: EmergencyId,
    body: EmergencyReview,
) -> Result<EmergencyView, Failure> {
    let text = body.text.trim();
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 200, now).await?;
    let row = emergency::lock(&mut tx, id).await?.ok_or_else(|| no_emergency(id))?;
    let group = alarming::group_of(desk, &row).await?;
    let who = &caller.person;
    if who.id == row.person {
        return Err(own(id).into());
    }
    if !who.roles.contains(&Role::Admin) {
        refuse::only_dba(desk, caller, Some(&group), said!("review an emergency", "复核紧急状态"))
            .map_err(|_| no_emergency(id))?;
    }
    if row.is_on(now) {
        return Err(still_on(id).into());
    }
    if let Some((by, ..)) = &row.reviewed {
        let by = person::by_id(&mut *tx, *by).await?.map_or_else(|| by.to_string(), |person| person.name);
        return Err(already(id, &by).into());
    }
    if !(1..=REASON_CHARS).contains(&text.chars().count()) {
        return Err(no_text().into());
    }
    emergency::reviewed(&mut tx, id, who.id, text, now).await?;
    let detail = json!({ "service_group": group.name });
    tx.decided(Decision::new(What::EmergencyReviewed, SubjectKind::Emergency, id.to_string(), detail, now));
    let row = EmergencyRow { reviewed: Some((who.id, now, text.to_owned())), ..row };
    let view = alarming::tell(&mut tx, &row, (&group, caller.lang), None, now).await?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    desk.bell.ring();
    tracing::info!(emergency = %id, by = %who.id, "an emergency was reviewed");
    Ok(view)
}

fn own(id: EmergencyId) -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "{id} is your own emergency, and nobody reviews his own. Ask another DBA of the group, or an admin.",
            "{id} 是你自己的紧急状态，不能由自己复核。请找该组的另一位 DBA 或管理员。"
        ),
    )
}

fn still_on(id: EmergencyId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{id} is still on. Review it when it has ended; `/emergency off emergency:{id}` ends it now.",
            "{id} 仍在进行中。请在结束后复核；用 `/emergency off emergency:{id}` 可以立即结束。"
        ),
    )
}

fn already(id: EmergencyId, by: &str) -> Refusal {
    Refusal::new(Code::AlreadyDecided, said!("{id} was already reviewed by {by}.", "{id} 已由 {by} 复核。"))
}

fn no_text() -> Refusal {
    Refusal::new(
        Code::Invalid,
        said!(
            "Say in 1 to {REASON_CHARS} characters what you found: was it needed, and is everything as it should be?",
            "请用 1 到 {REASON_CHARS} 个字符写明复核结论：当时是否必要，现在是否一切正常？"
        ),
    )
}
