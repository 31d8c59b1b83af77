//! A DBA acts without approval on one service group for a while. Everybody concerned is told at once, and somebody else looks at it
//! afterwards.

use super::{Caller, Failure, Once, alarming, content, refuse, reviewing::group};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_commands::{
    id::EmergencyId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        emergency::{EmergencyOn, EmergencyView},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{audit::Decision, emergency, person};
use serde_json::json;

/// Begins it.
pub async fn on(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: EmergencyOn,
) -> Result<EmergencyView, Failure> {
    let group = group(desk, caller.within(), body.service_group.trim()).await?;
    refuse::only_dba(desk, caller, Some(&group.group), said!("declare an emergency", "宣布紧急状态"))?;
    let reason = content::reason(&body.reason)?;
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 201, now).await?;
    // One at a time: a second press waits here for the first.
    person::lock(&mut tx, &caller.person.name).await?;
    if let Some(id) = emergency::on(&mut *tx, (group.id, caller.person.id), now).await? {
        return Err(already(id).into());
    }
    let until = now + TimeDelta::minutes(i64::from(desk.config.policy.emergency_minutes));
    let id = emergency::insert(&mut tx, (group.id, caller.person.id), &reason, (now, until)).await?;
    let detail = json!({ "service_group": group.group.name, "until": until });
    tx.decided(Decision::new(What::EmergencyOn, SubjectKind::Emergency, id.to_string(), detail, now));
    let row = emergency::lock(&mut tx, id).await?.ok_or_else(|| anyhow::anyhow!("{id} is gone"))?;
    let view = alarming::tell(&mut tx, &row, (&group.group, caller.lang), None, now).await?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    desk.bell.ring();
    tracing::warn!(emergency = %id, person = %caller.person.id, group = group.group.name, "an emergency is on");
    Ok(view)
}

fn already(id: EmergencyId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "Your emergency {id} is on already on this service group. `/emergency off emergency:{id}` ends it.",
            "你在这个服务组上的紧急状态 {id} 正在进行中。可以用 `/emergency off emergency:{id}` 结束。"
        ),
    )
}
