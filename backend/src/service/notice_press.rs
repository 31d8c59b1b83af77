//! A button of a notice is pressed: an admin says whether a Discord user is the person that he claims to be.

use super::{Caller, Failure, Once, group_repair, noticing, refuse, unlink::no_person};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    id::{ButtonId, NoticeId, PersonId},
    lang::said,
    wire::{
        audit::{SubjectKind, What},
        notice::{LinkOutcome, NoticePressed, NoticeVerb},
        person::Role,
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    Tx,
    audit::Decision,
    link_request::{self, LinkRequest, Outcome},
    notice,
    person::{self, Person},
};
use serde_json::json;

/// Presses it.
pub async fn press(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ButtonId,
) -> Result<NoticePressed, Failure> {
    let (notice, verb) = notice::button(&desk.store, &id).await?.ok_or_else(unknown)?;
    match verb {
        NoticeVerb::Confirm | NoticeVerb::Refuse => decide(desk, caller, once, (notice, verb)).await,
        NoticeVerb::RepairInventory | NoticeVerb::RepairServers => {
            group_repair::repair(desk, caller, once, (notice, verb)).await
        }
    }
}

/// An admin says who somebody is.
async fn decide(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    (notice, verb): (NoticeId, NoticeVerb),
) -> Result<NoticePressed, Failure> {
    refuse::only_admin(caller, &said!("say who is who", "确认身份"))?;
    refuse::only_for_all_groups(caller, &said!("say who is who", "确认身份"))?;
    let mut tx = caller.begin(desk).await?;
    let now = desk.clock.now();
    once.claim(&mut tx, 200, now).await?;
    let request = link_request::lock_of(&mut tx, notice).await?;
    let request = request.ok_or_else(|| anyhow::anyhow!("{notice} has a button and no request"))?;
    is_open(&mut tx, &request, now).await?;
    let done = match verb {
        NoticeVerb::Confirm => confirm(desk, &mut tx, caller, &request).await?,
        _ => Done::Refused,
    };
    let detail = json!({ "discord_id": request.discord_id, "notice": notice });
    tx.decided(Decision::new(done.what(), SubjectKind::Person, &request.name, detail, now));
    let by = caller.person.view();
    let settled = match done {
        Done::Vouched => None,
        Done::Linked => Some((Outcome::Confirmed, LinkOutcome::Confirmed { by: by.clone(), at: now })),
        Done::Refused => Some((Outcome::Refused, LinkOutcome::Refused { by: by.clone(), at: now })),
    };
    let content = if let Some((outcome, shown)) = settled {
        link_request::settle(&mut tx, request.id, (outcome, Some(caller.person.id)), now).await?;
        noticing::link_settled(&mut tx, notice, shown, now).await?
    } else {
        link_request::vouch(&mut tx, request.id, caller.person.id).await?;
        noticing::link_vouched(&mut tx, notice, by, now).await?
    };
    let pressed = NoticePressed { verb, content };
    once.keep(&mut tx, &pressed).await?;
    desk.commit(tx).await?;
    desk.bell.ring();
    tracing::info!(
        discord_id = request.discord_id,
        name = request.name,
        by = %caller.person.id,
        verb = verb.word(),
        "a request to be linked was decided"
    );
    Ok(pressed)
}

/// What a press did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// A first admin has confirmed it.
    Vouched,
    Linked,
    Refused,
}

impl Done {
    fn what(self) -> What {
        match self {
            Self::Vouched => What::PersonVouched,
            Self::Linked => What::PersonLinked,
            Self::Refused => What::LinkRefused,
        }
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        Code::UnknownButton,
        said!("This button belongs to nothing that can be decided.", "这个按钮没有对应的待处理事项。"),
    )
}

/// Refuses where somebody has decided, another request took its place, or its time is over.
async fn is_open(tx: &mut Tx, request: &LinkRequest, now: Time) -> Result<(), Failure> {
    if request.settled_at.is_none() && request.lapses_at > now {
        return Ok(());
    }
    let Some((by, at)) = request.settled_by().zip(request.settled_at) else {
        return Err(Refusal::new(
            Code::WrongState,
            said!(
                "This request is over: he asked again, or nobody decided in time. He can ask again with `/link`.",
                "这个申请已经失效：对方重新申请了，或者超时未处理。对方可以再次使用 `/link`。"
            ),
        )
        .into());
    };
    let name = name_of(tx, by).await?;
    let (en, zh) = if request.outcome.as_deref() == Some(Outcome::Confirmed.word()) {
        ("confirmed", "确认")
    } else {
        ("refused", "拒绝")
    };
    Err(Refusal::new(
        Code::AlreadyDecided,
        said!(
            "This request was already {en} by {name} at {at}.",
            "这个申请已由 {name} 于 {at} {zh}。",
            at = at.format("%Y-%m-%d %H:%M UTC")
        ),
    )
    .into())
}

async fn name_of(tx: &mut Tx, id: PersonId) -> Result<String, Failure> {
    Ok(person::by_id(&mut **tx, id).await?.map_or_else(|| id.to_string(), |person| person.name))
}

/// Links them, where both are free. Nobody decides who he is himself; who decides on others is confirmed by two.
async fn confirm(desk: &Desk, tx: &mut Tx, caller: &Caller, request: &LinkRequest) -> Result<Done, Failure> {
    let (discord_id, name) = (&request.discord_id, &request.name);
    let who = person::lock(tx, name).await?.ok_or_else(|| no_person(name))?;
    if who.id == caller.person.id || caller.person.discord_id.as_ref() == Some(discord_id) {
        return Err(own().into());
    }
    if who.discord_id.is_some() {
        return Err(Refusal::new(
            Code::WrongState,
            said!(
                "“{name}” has another Discord account already. If that one is his no longer, take it from him with \
                 `/unlink person:{name}` first, then confirm.",
                "“{name}”已经关联了另一个 Discord 账号。如果那个账号不再属于他，请先用 `/unlink person:{name}` 解除，再确认。"
            ),
        )
        .into());
    }
    if let Some(other) = person::by_discord(&mut **tx, discord_id).await? {
        return Err(taken(&other.name).into());
    }
    if lacks_second(desk, tx, caller, (&who, request)).await? {
        return Ok(Done::Vouched);
    }
    match person::link(tx, who.id, discord_id).await {
        Ok(true) => Ok(Done::Linked),
        Ok(false) => Err(dbdesk_store::Error::Conflict.into()),
        // Linked to somebody else at the same moment.
        Err(error) if error.is_duplicate() => Err(dbdesk_store::Error::Conflict.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether this is the first of two who have to confirm it. An admin with another Discord user could else make that one a DBA who
/// approves what he files himself. Where no other admin is there to ask, one is enough.
async fn lacks_second(
    desk: &Desk,
    tx: &mut Tx,
    caller: &Caller,
    (who, request): (&Person, &LinkRequest),
) -> Result<bool, Failure> {
    let groups = desk.config.policy.approvers.of(&who.member());
    let decides = who.roles.iter().any(|role| matches!(role, Role::Dba | Role::Admin)) || !groups.is_empty();
    if !decides {
        return Ok(false);
    }
    let admins = person::lock_linked_admins(tx).await?;
    match request.first_by() {
        Some(first) if first == caller.person.id => Err(vouched().into()),
        Some(first) if admins.contains(&first) => Ok(false),
        _ => Ok(admins.iter().any(|admin| *admin != caller.person.id)),
    }
}

fn vouched() -> Refusal {
    Refusal::new(
        Code::AlreadyDecided,
        said!(
            "You have confirmed this already. This person decides on what others file, so another admin has to confirm it, too.",
            "你已经确认过。此人可以审批他人的工单，因此还需要另一位管理员确认。"
        ),
    )
}

fn own() -> Refusal {
    Refusal::new(
        Code::Forbidden,
        said!(
            "Nobody says himself who he is. Another admin has to confirm this.",
            "不能自己确认自己的身份，请由另一位管理员确认。"
        ),
    )
}

fn taken(name: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "This Discord account is “{name}” already. Refuse this, or take it from him with `/unlink person:{name}` first.",
            "这个 Discord 账号已经关联了“{name}”。请拒绝，或先用 `/unlink person:{name}` 解除。"
        ),
    )
}
