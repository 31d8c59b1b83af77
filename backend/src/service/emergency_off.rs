//! An emergency ends before its time: the DBA has done what he had to, or another one or an admin ends it.

use super::{Caller, Failure, Once, alarming, refuse};
use crate::desk::Desk;
use dbdesk_commands::{
    id::EmergencyId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        emergency::EmergencyView,
        person::Role,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    audit::Decision,
    emergency::{self, EmergencyRow},
};
use serde_json::json;

/// Ends it.
pub async fn off(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: EmergencyId,
) -> Result<EmergencyView, Failure> {
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 200, now).await?;
    let row = emergency::lock(&mut tx, id).await?.ok_or_else(|| no_emergency(id))?;
    let group = alarming::group_of(desk, &row).await?;
    let who = &caller.person;
    if who.id != row.person && !who.roles.contains(&Role::Admin) {
        // To those whom it does not concern it is not there.
        refuse::only_dba(desk, caller, Some(&group), said!("end an emergency", "结束紧急状态"))
            .map_err(|_| no_emergency(id))?;
    }
    if !row.is_on(now) {
        return Err(over(id).into());
    }
    emergency::end(&mut tx, id, now).await?;
    let detail = json!({ "service_group": group.name });
    tx.decided(Decision::new(What::EmergencyOff, SubjectKind::Emergency, id.to_string(), detail, now));
    let row = EmergencyRow { ended_at: Some(now), ..row };
    let view = alarming::tell(&mut tx, &row, (&group, caller.lang), Some(who.view()), now).await?;
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    desk.bell.ring();
    tracing::warn!(emergency = %id, by = %who.id, "an emergency was ended");
    Ok(view)
}

pub(super) fn no_emergency(id: EmergencyId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no emergency {id} that you may see: they are shown to admins, to the DBAs of the service group and to the one who \
             declared them. `/emergency list` shows yours.",
            "没有你可以查看的紧急状态 {id}：只有管理员、该服务组的 DBA 和宣布者本人能看到。可以用 `/emergency list` 查看。"
        ),
    )
}

fn over(id: EmergencyId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!("{id} has ended already; nothing was changed.", "{id} 已经结束，没有作任何修改。"),
    )
}
