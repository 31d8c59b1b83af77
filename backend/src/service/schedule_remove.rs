//! A schedule is removed. The tickets that it filed stay.

use super::{
    Caller, Failure, Once,
    schedule_list::named,
    schedule_step::{self, look},
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::ScheduleId,
    wire::{audit::What, schedule::ScheduleView},
};
use dbdesk_store::schedule;

/// Removes it; gives what it was.
pub async fn remove(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ScheduleId,
) -> Result<ScheduleView, Failure> {
    let row = look(desk, caller, id).await?;
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 200, now).await?;
    schedule::remove(&mut tx, &row).await?;
    tx.decided(schedule_step::decided(What::ScheduleRemoved, &row, now));
    let view = named(desk, vec![row], caller.lang).await?.pop();
    let view = view.ok_or_else(|| anyhow::anyhow!("{id} has no view"))?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}
