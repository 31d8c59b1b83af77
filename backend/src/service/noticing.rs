//! What notices have in common: their buttons, the admins, and requests that nobody decided on in time.

use super::Failure;
use crate::desk::Desk;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{ButtonId, NoticeId},
    wire::{
        notice::{LinkOutcome, NoticeButton, NoticeContent, NoticeVerb},
        person::{PersonView, Role},
    },
};
use dbdesk_store::{
    Tx, begin,
    link_request::{self, Outcome},
    notice, person,
};
use sqlx::mysql::MySqlExecutor;

/// Most that one round looks at.
const BATCH: u32 = 50;
/// Most admins who are called by name.
const NAMED: u32 = 20;
/// People that are looked at to find the DBAs of a group.
const PEOPLE: u32 = 5_000;

/// New buttons for these verbs.
pub(super) fn buttons(desk: &Desk, verbs: &[NoticeVerb]) -> Result<Vec<NoticeButton>, Failure> {
    let button = |verb: &NoticeVerb| {
        let id = ButtonId(URL_SAFE_NO_PAD.encode(desk.chance.bytes::<16>()?));
        Ok(NoticeButton { id, verb: *verb })
    };
    verbs.iter().map(button).collect()
}

/// The admins whom chat can call.
pub(super) async fn admins(from: impl MySqlExecutor<'_>) -> Result<Vec<PersonView>, Failure> {
    let mut admins = person::of_role(from, Role::Admin, NAMED).await?;
    admins.retain(|admin| admin.discord_id.is_some());
    Ok(admins)
}

/// The DBAs of a service group whom chat can call.
pub(super) async fn dbas(
    desk: &Desk,
    from: impl MySqlExecutor<'_>,
    group: &ServiceGroup,
) -> Result<Vec<PersonView>, Failure> {
    let mut people = person::with_roles(from, PEOPLE).await?;
    let groups = &desk.config.policy.approvers;
    people.retain(|one| one.discord_id.is_some() && groups.is_dba(group.dbas.as_deref(), &one.member()));
    Ok(people.iter().take(NAMED as usize).map(person::Person::view).collect())
}

/// A request to be linked is over: its notice says so and loses its buttons. Gives what it says.
pub(crate) async fn link_settled(
    tx: &mut Tx,
    id: NoticeId,
    outcome: LinkOutcome,
    at: Time,
) -> Result<NoticeContent, Failure> {
    let content = link_changed(tx, id, at, |content| {
        if let NoticeContent::LinkAsked { outcome: it, .. } = content {
            *it = Some(outcome);
        }
    });
    let content = content.await?;
    notice::settle(tx, id, at).await?;
    Ok(content)
}

/// An admin has confirmed a request to be linked, and another has to: its notice says so and keeps its buttons.
pub(super) async fn link_vouched(
    tx: &mut Tx,
    id: NoticeId,
    by: PersonView,
    at: Time,
) -> Result<NoticeContent, Failure> {
    let content = link_changed(tx, id, at, |content| {
        if let NoticeContent::LinkAsked { first, .. } = content {
            *first = Some(by);
        }
    });
    content.await
}

async fn link_changed(
    tx: &mut Tx,
    id: NoticeId,
    at: Time,
    change: impl FnOnce(&mut NoticeContent),
) -> Result<NoticeContent, Failure> {
    let mut content = match notice::lock(tx, id).await? {
        Some(content @ NoticeContent::LinkAsked { .. }) => content,
        other => return Err(anyhow::anyhow!("{id} is no request to be linked: {other:?}").into()),
    };
    change(&mut content);
    notice::change(tx, id, &content, at).await?;
    Ok(content)
}

/// Ends the requests that nobody decided on in time; gives how many. Done by control, where time is seen to.
pub async fn lapse_links(desk: &Desk) -> Result<usize, Failure> {
    let now = desk.clock.now();
    let mut done = 0;
    for id in link_request::lapsed(&desk.store, now, BATCH).await? {
        let mut tx = begin(&desk.store).await?;
        let Some(request) = link_request::lock_of(&mut tx, id).await? else { continue };
        if request.settled_at.is_some() {
            continue;
        }
        link_request::settle(&mut tx, request.id, (Outcome::Lapsed, None), now).await?;
        link_settled(&mut tx, id, LinkOutcome::Lapsed { at: now }, now).await?;
        desk.commit(tx).await?;
        done += 1;
    }
    if done > 0 {
        desk.bell.ring();
    }
    Ok(done)
}
