//! What every change to a schedule has in common: look, and check who asks.

use super::{Caller, Failure, reviewing};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    id::ScheduleId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::Decision,
    person,
    schedule::{self, ScheduleRow},
    service_group,
};
use serde_json::json;

/// A schedule for one who may change it: its owner, or a DBA.
pub(super) async fn look(desk: &Desk, caller: &Caller, id: ScheduleId) -> Result<ScheduleRow, Failure> {
    let row = schedule::get(&desk.store, id).await?.ok_or_else(|| no_schedule(id))?;
    if row.what.owner == caller.person.id {
        return Ok(row);
    }
    let group = service_group::by_id(&desk.store, row.what.group).await?;
    let dbas = group.as_ref().and_then(|group| group.group.dbas.as_deref());
    if desk.config.policy.approvers.is_dba(dbas, &caller.person.member()) {
        return Ok(row);
    }
    let owner = person::by_id(&desk.store, row.what.owner).await?;
    if owner.is_none_or(|owner| owner.team.is_none() || owner.team != caller.person.team) {
        return Err(no_schedule(id).into());
    }
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "Only the owner of {id} or a DBA may change it. Ask one of them.",
            "只有 {id} 的创建者或 DBA 可以更改它。请联系他们。"
        ),
    )
    .into())
}

/// For the audit log, with the hash of the SQL that it files.
pub(super) fn decided(what: What, row: &ScheduleRow, at: Time) -> Decision {
    let detail = json!({ "name": row.what.name, "cron": row.what.cron, "time_zone": row.what.time_zone });
    Decision::new(what, SubjectKind::Schedule, row.id.to_string(), detail, at)
        .of_bytes(reviewing::hash(&row.what.sql))
}

pub(super) fn no_schedule(id: ScheduleId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no schedule {id}. `/schedule list` shows the schedules there are.",
            "没有周期工单 {id}。可以用 `/schedule list` 查看现有的周期工单。"
        ),
    )
}
