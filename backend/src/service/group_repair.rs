//! A DBA has it mended that a group's servers are not what the inventory says: a ticket by which the inventory says what they say, or they are
//! what it says. What is filed is made of how things are now, not of how they were when it was told.

use super::{Caller, Failure, Once, clustering::file_ask, group_look, refuse};
use crate::desk::Desk;
use dbdesk_cluster::Ask;
use dbdesk_cmdb::drift;
use dbdesk_commands::{
    clock::Time,
    id::{NoticeId, TicketId},
    lang::{Said, said},
    wire::{
        notice::{NoticeContent, NoticePressed, NoticeVerb},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    Tx, group_look as looked, notice,
    service_group::{self, GroupRow},
    ticket,
};

/// Files it.
pub(super) async fn repair(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    (of, verb): (NoticeId, NoticeVerb),
) -> Result<NoticePressed, Failure> {
    let group = match looked::of_notice(&desk.store, of).await? {
        Some(group) if caller.within().has(group) => service_group::by_id(&desk.store, group).await?,
        _ => None,
    };
    let group = group.ok_or_else(over)?;
    refuse::only_dba(desk, caller, Some(&group.group), said!("mend this", "修复这个问题"))?;
    let seen = group_look::seen(desk, &group.group).await;
    let found = drift::differences(&group.group, &seen);
    let ask = asked(verb, &group, &found)?;
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 200, now).await?;
    let mut row = looked::lock(&mut tx, group.id, now).await?;
    if row.notice != Some(of) {
        return Err(over().into());
    }
    if let Some(open) = row.ticket
        && ticket::get(&desk.store, open).await?.is_some_and(|ticket| !ticket.now.state.is_final())
    {
        return Err(at_work(open).into());
    }
    let filed = file_ask(desk, &mut tx, (caller, &group), (&ask, reason(verb)), now).await?;
    once.about(&mut tx, filed.id).await?;
    row.ticket = Some(filed.id);
    looked::put(&mut tx, group.id, &row).await?;
    let content = told(&mut tx, of, filed.id, now).await?;
    let pressed = NoticePressed { verb, content };
    once.keep(&mut tx, &pressed).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    desk.changed(filed.id);
    desk.bell.ring();
    Ok(pressed)
}

fn asked(verb: NoticeVerb, group: &GroupRow, found: &[drift::Difference]) -> Result<Ask, Refusal> {
    let why = found.iter().map(|one| one.said().en.into_owned()).collect();
    if verb == NoticeVerb::RepairInventory {
        let becomes = drift::inventory_repaired(&group.group, found)
            .ok_or_else(|| nothing(Said::fixed("the inventory is not what is wrong", "问题不在清单")))?;
        let was = Box::new(group.group.clone());
        return Ok(Ask::RepairInventory { seen: group.version, was, becomes: Box::new(becomes), why });
    }
    let steps = drift::servers_repaired(&group.group, found);
    if steps.is_empty() {
        return Err(nothing(Said::fixed(
            "nothing that is done to single servers mends it",
            "单独操作服务器无法修复",
        )));
    }
    Ok(Ask::RepairServers { steps, flavour: group.group.flavour.clone(), why })
}

fn reason(verb: NoticeVerb) -> Said {
    if verb == NoticeVerb::RepairInventory {
        Said::fixed("Servers and inventory differ: the inventory is mended", "服务器与清单不一致：修正清单")
    } else {
        Said::fixed("Servers and inventory differ: the servers are mended", "服务器与清单不一致：修复服务器")
    }
}

/// The notice says which ticket mends it.
async fn told(tx: &mut Tx, of: NoticeId, by: TicketId, now: Time) -> Result<NoticeContent, Failure> {
    let mut content = match notice::lock(tx, of).await? {
        Some(content @ NoticeContent::Drift { .. }) => content,
        other => return Err(anyhow::anyhow!("{of} tells no differences: {other:?}").into()),
    };
    if let NoticeContent::Drift { ticket, .. } = &mut content {
        *ticket = Some(by);
    }
    notice::change(tx, of, &content, now).await?;
    Ok(content)
}

fn over() -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "Servers and inventory do not differ in this any more; there is nothing to mend.",
            "服务器与清单已经一致，无需修复。"
        ),
    )
}

fn at_work(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{id} mends this already. Decide on that one first, or have it withdrawn.",
            "{id} 正在处理这个问题。请先处理它，或者撤回它。"
        ),
    )
}

fn nothing(why: Said) -> Refusal {
    let Said { en, zh } = why;
    Refusal::new(
        Code::WrongState,
        said!(
            "This does not help here: {en}. Try the other button, or look with `/cluster show`.",
            "这样修复不了：{zh}。请试另一个按钮，或用 `/cluster show` 查看。"
        ),
    )
}
