//! What every change to a schedule has in common: look, and check who asks.

use super::{Caller, Failure};
use crate::desk::Desk;
use dbdesk_commands::{
    id::ScheduleId,
    lang::said,
    wire::problem::{Code, Refusal},
};
use dbdesk_store::schedule::{self, ScheduleRow};

/// A schedule for one who may change it: its owner, or a DBA.
pub(super) async fn look(desk: &Desk, caller: &Caller, id: ScheduleId) -> Result<ScheduleRow, Failure> {
    let row = schedule::get(&desk.store, id).await?.ok_or_else(|| no_schedule(id))?;
    if row.what.owner == caller.person.id || caller.is_dba() {
        return Ok(row);
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

pub(super) fn no_schedule(id: ScheduleId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no schedule {id}. `/schedule list` shows the schedules there are.",
            "没有周期工单 {id}。可以用 `/schedule list` 查看现有的周期工单。"
        ),
    )
}
