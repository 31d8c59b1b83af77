//! A schedule is removed. The tickets that it filed stay.

use super::{Caller, Failure, Once, schedule_list::named, schedule_step::look};
use crate::desk::Desk;
use dbdesk_commands::{id::ScheduleId, wire::schedule::ScheduleView};
use dbdesk_store::{begin, schedule};

/// Removes it; gives what it was.
pub async fn remove(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ScheduleId,
) -> Result<ScheduleView, Failure> {
    let row = look(desk, caller, id).await?;
    let mut tx = begin(&desk.store).await?;
    once.claim(&mut tx, 200, desk.clock.now()).await?;
    schedule::remove(&mut tx, &row).await?;
    let view = named(desk, vec![row], caller.lang).await?.pop();
    let view = view.ok_or_else(|| anyhow::anyhow!("{id} has no view"))?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}
