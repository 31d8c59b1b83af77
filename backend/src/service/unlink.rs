//! An admin says that a person's Discord user is his no longer. What he has open stays his.

use super::{
    Caller, Failure,
    refuse::{self, quoted},
};
use crate::desk::Desk;
use dbdesk_commands::{
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        person::PersonView,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{audit::Decision, person};
use serde_json::json;

/// Unlinks him.
pub async fn unlink(desk: &Desk, caller: &Caller, name: &str) -> Result<PersonView, Failure> {
    refuse::only_admin(caller, &said!("unlink somebody", "解除关联"))?;
    refuse::only_for_all_groups(caller, &said!("unlink somebody", "解除关联"))?;
    let mut tx = caller.begin(desk).await?;
    let admins = person::lock_linked_admins(&mut tx).await?;
    let who = person::lock(&mut tx, name.trim()).await?.ok_or_else(|| no_person(name))?;
    if admins.len() == 1 && admins.contains(&who.id) {
        return Err(last(&who.name).into());
    }
    let Some(was) = &who.discord_id else { return Err(not_linked(&who.name).into()) };
    person::unlink(&mut tx, who.id).await?;
    let (detail, now) = (json!({ "discord_id": was }), desk.clock.now());
    tx.decided(Decision::new(What::PersonUnlinked, SubjectKind::Person, &who.name, detail, now));
    desk.commit(tx).await?;
    tracing::info!(person = %who.id, by = %caller.person.id, was = who.discord_id, "a person was unlinked");
    Ok(PersonView { discord_id: None, ..who.view() })
}

pub(super) fn no_person(name: &str) -> Refusal {
    let name = quoted(name.trim());
    Refusal::new(
        Code::NotFound,
        said!(
            "The desk has no person “{name}”. An admin adds one with `dbdesk person add` or in the configuration.",
            "工单台没有“{name}”这个人。管理员可以用 `dbdesk person add` 或在配置里添加。"
        ),
    )
}

fn not_linked(name: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "“{name}” is not linked to a Discord account; nothing was changed.",
            "“{name}”没有关联 Discord 账号，没有作任何修改。"
        ),
    )
}

fn last(name: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "“{name}” is the last admin with a Discord account: without him nobody could confirm who is who. Have another admin linked \
             first.",
            "“{name}”是最后一个关联了 Discord 的管理员，解除后就没有人能确认身份了。请先让另一位管理员完成关联。"
        ),
    )
}
