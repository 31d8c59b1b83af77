//! A paused schedule goes on with its next time. What was due meanwhile is not filed.

use super::{
    Caller, Failure, Once, refuse::invalid, schedule_add::never, schedule_pause::changed, schedule_step::look,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::ScheduleId,
    lang::said,
    wire::{
        audit::What,
        problem::{Code, Refusal},
        schedule::{ScheduleState, ScheduleView},
    },
};
use dbdesk_schedule::cron::Due;
use dbdesk_store::schedule::ScheduleChange;

/// Resumes it.
pub async fn resume(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ScheduleId,
) -> Result<ScheduleView, Failure> {
    let row = look(desk, caller, id).await?;
    if row.now.state == ScheduleState::Active {
        return Err(Refusal::new(
            Code::WrongState,
            said!("{id} is not paused; nothing was changed.", "{id} 没有暂停，没有作任何修改。"),
        )
        .into());
    }
    let due = Due::parse(&row.what.cron, &row.what.time_zone).map_err(invalid)?;
    let next = due.next(desk.clock.now()).ok_or_else(never)?;
    let change = ScheduleChange {
        state: ScheduleState::Active,
        next_at: Some(next),
        last_problem: None,
        ..row.now.clone()
    };
    changed(desk, caller, once, &row, change, What::ScheduleResumed).await
}
