//! A DBA has it mended that a group's servers are not what the inventory says: a ticket by which the inventory says what they say, or they are
//! what it says. What is filed is made of how things are now, not of how they were when it was told.

use super::{
    Caller, Failure, Once,
    asking::{Asked, reviewed},
    group_look, refuse,
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use dbdesk_cluster::Ask;
use dbdesk_cmdb::drift;
use dbdesk_commands::{
    clock::Time,
    id::{NoticeId, TicketId},
    lang::{Said, said},
    when::When,
    wire::{
        notice::{NoticeContent, NoticePressed, NoticeVerb},
        policy::RequestKind,
        problem::{Code, Refusal},
        ticket::Risk,
    },
};
use dbdesk_store::{
    Tx, group_look as looked, notice,
    service_group::{self, GroupRow},
    ticket::{self, TicketRow},
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
    let filed = file_ask(desk, &mut tx, (caller, &group), &ask, now).await?;
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

async fn file_ask(
    desk: &Desk,
    tx: &mut Tx,
    (caller, group): (&Caller, &GroupRow),
    ask: &Ask,
    now: Time,
) -> Result<TicketRow, Failure> {
    let text = ask.text();
    let risk = match ask {
        Ask::RepairInventory { .. } => Risk::Medium,
        Ask::RepairServers { .. } => Risk::High,
    };
    let asked = Asked {
        request: serde_json::to_string(ask).map_err(anyhow::Error::from)?,
        kind: RequestKind::Cluster,
        steps: ask.counted(),
        risk,
        is_free: false,
        step: None,
        script: None,
    };
    let reason = match ask {
        Ask::RepairInventory { .. } => Said::fixed(
            "Servers and inventory differ: the inventory is mended",
            "服务器与清单不一致：修正清单",
        ),
        Ask::RepairServers { .. } => Said::fixed(
            "Servers and inventory differ: the servers are mended",
            "服务器与清单不一致：修复服务器",
        ),
    };
    let filing = Filing {
        group,
        database: group.group.databases.first().cloned().unwrap_or_default(),
        requester: &caller.person,
        reason: reason.in_lang(caller.lang).to_owned(),
        lang: caller.lang,
        when: When::Now,
        schedule: None,
        takes_back: None,
        account: None,
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed(&text, asked),
    };
    file(desk, tx, filing, now).await
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
