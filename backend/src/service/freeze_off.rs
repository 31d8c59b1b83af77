//! A DBA ends a freeze before its time.

use super::{Caller, Failure, Once, freeze_list::named, refuse};
use crate::desk::Desk;
use dbdesk_commands::{
    id::FreezeId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        freeze::FreezeView,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{audit::Decision, freeze, service_group};
use serde_json::json;

/// Ends it.
pub async fn off(desk: &Desk, caller: &Caller, once: &Once, id: FreezeId) -> Result<FreezeView, Failure> {
    let what = said!("end a freeze", "解除冻结");
    refuse::only_dba(desk, caller, None, what.clone())?;
    let row = freeze::get(&desk.store, id).await?.ok_or_else(|| no_freeze(id))?;
    let group = match row.freeze.group {
        Some(group) => service_group::by_id(&desk.store, group).await?,
        None => None,
    };
    refuse::only_dba(desk, caller, group.as_ref().map(|group| &group.group), what)?;
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 200, now).await?;
    if !freeze::end(&mut tx, id, caller.person.id, now).await? {
        return Err(over(id).into());
    }
    tx.decided(Decision::new(What::FreezeOff, SubjectKind::Freeze, id.to_string(), json!({}), now));
    let mut views = named(desk, vec![row]).await?;
    let mut view = views.pop().ok_or_else(|| anyhow::anyhow!("{id} has no view"))?;
    view.ended_at = Some(now);
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}

pub(super) fn no_freeze(id: FreezeId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no freeze {id}. `/freeze list` shows those in force.",
            "没有冻结 {id}。可以用 `/freeze list` 查看生效中的冻结。"
        ),
    )
}

fn over(id: FreezeId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{id} has ended already; nothing was changed. `/freeze list` shows those in force.",
            "{id} 已经结束，没有作任何修改。可以用 `/freeze list` 查看生效中的冻结。"
        ),
    )
}
