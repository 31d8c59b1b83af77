//! A Discord user says which person of the desk he is. Who is there is not looked at: the answer is alike for every name.

use super::{Failure, noticing, refuse::invalid};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    id::is_discord_id,
    lang::{Lang, said},
    wire::{
        link::{LinkAsk, LinkAsked, NAME_CHARS},
        notice::{LinkObstacle, LinkOutcome, NoticeChannel, NoticeContent, NoticeVerb},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    Error, Tx, begin,
    link_request::{self, MOST_OPEN, Outcome},
    notice, person,
};

/// Requests of one Discord user within [`LASTS`].
const MOST_A_DAY: u64 = 5;
/// So long an admin can decide.
const LASTS: TimeDelta = TimeDelta::hours(24);

/// Passes it on to the admins. The same again while it is open changes nothing; another name takes its place.
pub async fn link(desk: &Desk, lang: Lang, body: LinkAsk) -> Result<LinkAsked, Failure> {
    let (discord_id, name) = read(&body)?;
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    if let Some(person) = person::by_discord(&mut *tx, discord_id).await? {
        return Err(linked(&person.name).into());
    }
    if let Some(open) = link_request::lock_open(&mut tx, discord_id).await? {
        if open.name == name && open.lapses_at > now {
            return Ok(LinkAsked { lapses_at: open.lapses_at });
        }
        often(&mut tx, discord_id, now).await?;
        link_request::settle(&mut tx, open.id, (Outcome::Replaced, None), now).await?;
        noticing::link_settled(&mut tx, open.notice(), LinkOutcome::Replaced { at: now }, now).await?;
    }
    often(&mut tx, discord_id, now).await?;
    if link_request::count_open(&mut tx).await? >= MOST_OPEN {
        return Err(too_many().into());
    }
    let lapses_at = now + LASTS;
    ask(desk, &mut tx, (discord_id, name, lang), (now, lapses_at)).await?;
    desk.commit(tx).await?;
    desk.bell.ring();
    tracing::info!(discord_id, "a Discord user asks to be linked");
    Ok(LinkAsked { lapses_at })
}

/// Each request calls every admin: a few a day are enough for one Discord user.
async fn often(tx: &mut Tx, discord_id: &str, now: Time) -> Result<(), Failure> {
    if link_request::count_since(tx, discord_id, now - LASTS).await? < MOST_A_DAY {
        return Ok(());
    }
    Err(Refusal::new(
        Code::TooMany,
        said!(
            "You have asked {MOST_A_DAY} times within a day. Talk to an admin; nothing was passed on.",
            "你在一天内已经申请了 {MOST_A_DAY} 次。请直接联系管理员；这次没有提交。"
        ),
    )
    .into())
}

fn read(body: &LinkAsk) -> Result<(&str, &str), Refusal> {
    let (discord_id, name) = (body.discord_id.as_str(), body.name.trim());
    if !is_discord_id(discord_id) {
        return Err(invalid(said!(
            "`discord_id` is a Discord user id: up to 20 digits, as a string.",
            "`discord_id` 必须是 Discord 用户 ID：最多 20 位数字的字符串。"
        )));
    }
    if !(1..=NAME_CHARS).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(invalid(said!(
            "Write your name in the desk in 1 to {NAME_CHARS} characters, such as `ann`. A DBA knows it.",
            "请填写你在工单台的名字（1 到 {NAME_CHARS} 个字符），例如 `ann`。不清楚的话可以问 DBA。"
        )));
    }
    Ok((discord_id, name))
}

async fn ask(
    desk: &Desk,
    tx: &mut Tx,
    (discord_id, name, lang): (&str, &str, Lang),
    (now, lapses_at): (Time, Time),
) -> Result<(), Failure> {
    let content = NoticeContent::LinkAsked {
        discord_id: discord_id.to_owned(),
        name: name.to_owned(),
        lapses_at,
        admins: noticing::admins(&mut **tx).await?,
        obstacle: match person::by_name(&desk.store, name).await? {
            None => Some(LinkObstacle::NoPerson),
            Some(person) if person.discord_id.is_some() => Some(LinkObstacle::HasAccount),
            Some(_) => None,
        },
        first: None,
        outcome: None,
    };
    let buttons = noticing::buttons(desk, &NoticeVerb::OF_LINK)?;
    let notice = notice::insert(tx, (NoticeChannel::Admins, lang), &content, &buttons, now).await?;
    let made = link_request::insert(tx, (discord_id, name), notice, (now, lapses_at)).await;
    // He has asked at the same moment: looked at again, that one is open.
    made.map_err(|error| if error.is_duplicate() { Error::Conflict.into() } else { error.into() })
}

fn linked(name: &str) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "You are linked already: in the desk you are “{name}”. If that is wrong, ask an admin for `/unlink`.",
            "你已经关联：在工单台你是“{name}”。如果不对，请联系管理员用 `/unlink` 解除。"
        ),
    )
}

fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "{MOST_OPEN} people wait for an admin already. Ask an admin to decide on these, then try again.",
            "已有 {MOST_OPEN} 个关联申请在等管理员处理。请先联系管理员处理，再重试。"
        ),
    )
}
