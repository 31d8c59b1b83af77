//! A schedule files nothing until it is resumed.

use super::{
    Caller, Failure, Once,
    schedule_list::named,
    schedule_step::{self, look},
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
use dbdesk_store::schedule::{self, ScheduleChange, ScheduleRow};

/// Pauses it.
pub async fn pause(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ScheduleId,
) -> Result<ScheduleView, Failure> {
    let row = look(desk, caller, id).await?;
    if row.now.state == ScheduleState::Paused {
        return Err(Refusal::new(
            Code::WrongState,
            said!(
                "{id} is paused already. `/schedule resume` lets it go on.",
                "{id} 已经暂停了。可以用 `/schedule resume` 恢复。"
            ),
        )
        .into());
    }
    let change = ScheduleChange { state: ScheduleState::Paused, next_at: None, ..row.now.clone() };
    changed(desk, caller, once, &row, change, What::SchedulePaused).await
}

/// Saves the change and shows the schedule after it.
pub(super) async fn changed(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    row: &ScheduleRow,
    change: ScheduleChange,
    what: What,
) -> Result<ScheduleView, Failure> {
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 200, now).await?;
    let row = schedule::change(&mut tx, row, change, now).await?;
    tx.decided(schedule_step::decided(what, &row, now));
    let view = named(desk, vec![row], caller.lang).await?.pop();
    let view = view.ok_or_else(|| anyhow::anyhow!("a schedule has no view"))?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}
