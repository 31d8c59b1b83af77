//! Nobody stands in any more. The one who was away says so, or an admin.

use super::{Caller, Failure, Once, delegate_list::named, refuse};
use crate::desk::Desk;
use dbdesk_commands::{
    id::DelegationId,
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        delegation::DelegationView,
        person::Role,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{audit::Decision, delegation};
use serde_json::json;

/// Ends it.
pub async fn end(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: DelegationId,
) -> Result<DelegationView, Failure> {
    refuse::only_for_all_groups(caller, &said!("end somebody's standing in", "结束代理"))?;
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 200, now).await?;
    let row = delegation::lock(&mut tx, id).await?.ok_or_else(|| no_delegation(id))?;
    let (who, it) = (&caller.person, &row.delegation);
    if who.id != it.person && !who.roles.contains(&Role::Admin) {
        // To those whom it does not concern it is not there.
        let concerned = who.id == it.to;
        return Err(if concerned { not_his(id) } else { no_delegation(id) }.into());
    }
    if row.ended_at.is_some() || it.until <= now {
        return Err(over(id).into());
    }
    delegation::end(&mut tx, id, now).await?;
    let detail = json!({});
    tx.decided(Decision::new(What::DelegationEnded, SubjectKind::Delegation, id.to_string(), detail, now));
    let mut views = named(desk, vec![row]).await?;
    let mut view = views.pop().ok_or_else(|| anyhow::anyhow!("{id} has no view"))?;
    view.ended_at = Some(now);
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    tracing::info!(delegation = %id, by = %who.id, "nobody stands in any more");
    Ok(view)
}

fn no_delegation(id: DelegationId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no delegation {id}. `/delegate list` shows yours.",
            "没有代理 {id}。可以用 `/delegate list` 查看你的代理。"
        ),
    )
}

fn not_his(id: DelegationId) -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "Only the one who is away, or an admin, may end {id}. Ask one of them.",
            "只有离开的本人或管理员可以结束 {id}。请联系他们。"
        ),
    )
}

fn over(id: DelegationId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!("{id} has ended already; nothing was changed.", "{id} 已经结束，没有作任何修改。"),
    )
}
