//! Undo: a ticket is filed that takes another one back, with SQL made from what was kept of that one.

use super::{
    Caller, Failure, Once, clustering, content,
    refuse::{self, no_undo},
    reviewing::review,
    step::{self, Looked},
    taking_back,
    ticket_submit::{Filing, file},
    view,
};
use crate::desk::Desk;
use dbdesk_cluster::{Ask, Workflow};
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said, said},
    when::When,
    wire::{
        entry::Event,
        problem::{Code, Refusal},
        ticket::{TicketUndo, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    entry,
    service_group::{self, GroupRow},
    task,
    ticket::{self, TicketRow},
};
use dbdesk_ticket::{
    machine::{self, Move},
    spread::Spread,
};

/// Files it, in the caller's name; a second person approves it. Gives the new ticket.
pub async fn undo(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketUndo,
) -> Result<TicketView, Failure> {
    let Looked { row, .. } = step::look(desk, caller, id, TicketVerb::Undo).await?;
    free(desk, &row).await?;
    let reason = match &body.reason {
        Some(reason) => content::reason(reason)?,
        None => reason(&row),
    };
    let group = service_group::by_id(&desk.store, row.group)
        .await?
        .ok_or_else(|| anyhow::anyhow!("the service group of {id} is gone"))?;
    if let Some(workflow) = clustering::workflow_of(desk, &row).await? {
        return undo_workflow(desk, caller, once, (id, &group), (workflow, reason)).await;
    }
    let made = match taking_back::make(desk, &row, &group).await {
        Err(Failure::Refused(refusal)) if refusal.code == Code::NoUndo => {
            let other = ticket::took_back(&desk.store, id).await?;
            return Err(other
                .map_or_else(|| refusal.clone(), |other| taken_back(id, other, &refusal))
                .into());
        }
        made => made?,
    };
    let mut reviewed =
        review(desk, caller.within(), &made.sql, Some(&group.group), Some(&row.database)).await?;
    taking_back::only_what_matters(&mut reviewed, made.parts);
    let now = reviewed.spread.as_ref().map(Spread::groups).unwrap_or_default();
    let moved = (0..).zip(&made.homes).any(|(index, home)| now.get(&index).unwrap_or(&group.id) != home);
    if moved {
        return Err(has_moved(id).into());
    }
    // A task counts parts.
    let part = |index: &u32| made.part_of.get(*index as usize).copied();
    reviewed.online = reviewed.online.iter().filter_map(part).collect();
    reviewed.spread = reviewed.spread.map(|spread| spread.in_parts(&made.part_of));

    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = ticket::lock(&mut tx, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    may(&row)?;
    // Two who press at the same moment wait for each other at the lock.
    if let Some(other) = ticket::taking_back(&mut *tx, id).await? {
        return Err(does_already(id, other).into());
    }
    let filing = Filing {
        group: &group,
        database: row.database.clone(),
        requester: &caller.person,
        reason,
        lang: caller.lang,
        when: When::Now,
        schedule: None,
        takes_back: Some(id),
        account: None,
        goes_on: false,
        told: Some(made.told),
        sql: &made.sql,
        reviewed: &reviewed,
    };
    let filed = file(desk, &mut tx, filing, now).await?;
    let event = Event::UndoFiled { by: caller.actor(), ticket: filed.id };
    entry::append(&mut tx, &row, None, &caller.actor(), now, &event, None).await?;
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.changed(filed.id);
    desk.changed(id);
    view::ticket(desk, filed.id, caller.lang).await
}

/// What was done to a cluster is taken back step by step, the last first.
async fn undo_workflow(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    (id, group): (TicketId, &GroupRow),
    (workflow, reason): (Workflow, String),
) -> Result<TicketView, Failure> {
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = ticket::lock(&mut tx, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    may(&row)?;
    if let Some(other) = ticket::taking_back(&mut *tx, id).await? {
        return Err(does_already(id, other).into());
    }
    let task = row.now.task.ok_or_else(|| no_undo(nothing_ran(id)))?;
    let task = task::lock(&mut tx, task).await?.ok_or_else(|| no_undo(nothing_ran(id)))?;
    // The one that broke off may be half done.
    let ran = (task.done as usize + 1).min(workflow.steps.len());
    let undone = workflow.undone(ran, group.version).ok_or_else(|| no_undo(nothing_ran(id)))?;
    let ask = Ask::Workflow(Box::new(undone));
    let asked = (&ask, clustering::Reason::Own(reason));
    let filed = clustering::file_back(desk, &mut tx, (caller, group), asked, Some(id), now).await?;
    let event = Event::UndoFiled { by: caller.actor(), ticket: filed.id };
    entry::append(&mut tx, &row, None, &caller.actor(), now, &event, None).await?;
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    desk.changed(filed.id);
    desk.changed(id);
    view::ticket(desk, filed.id, caller.lang).await
}

fn nothing_ran(id: TicketId) -> Said {
    said!("Nothing of {id} was done that could be taken back.", "{id} 没有执行过可以撤销的步骤。")
}

/// Whether it is in a state for this, and no other does it already: looked at first, since the rest takes time.
async fn free(desk: &Desk, row: &TicketRow) -> Result<(), Failure> {
    may(row)?;
    match ticket::taking_back(&desk.store, row.id).await? {
        Some(other) => Err(does_already(row.id, other).into()),
        None => Ok(()),
    }
}

fn may(row: &TicketRow) -> Result<(), Refusal> {
    match machine::apply(row.now.state, Move::Undo) {
        Ok(_) => Ok(()),
        Err(illegal) => Err(refuse::wrong_state(row.id, illegal.state, TicketVerb::Undo)),
    }
}

fn reason(row: &TicketRow) -> String {
    let id = row.id;
    let head = match row.lang {
        Lang::En => format!("Takes back {id}: "),
        Lang::Zh => format!("撤销 {id}："),
    };
    head.chars().chain(row.reason.chars()).take(content::REASON_CHARS).collect()
}

/// Nothing is left to be taken back, since another ticket has done it.
fn taken_back(id: TicketId, other: TicketId, why: &Refusal) -> Refusal {
    let Said { en, zh } = &why.said;
    no_undo(said!("{other} has taken {id} back already. {en}", "{other} 已经撤销了 {id}。{zh}"))
}

/// What was kept was held beside the rows of one server, and would be run on another.
fn has_moved(id: TicketId) -> Refusal {
    no_undo(said!(
        "By now the inventory says of some tables of {id} that they lie in another service group than when it ran. What was kept was compared \
         where they were, so nothing was filed. Ask a DBA to take it back by hand.",
        "清单显示，{id} 的部分表现在所在的服务组与执行时不同。备份是按原来的位置比对的，因此没有提交工单。请 DBA 手工处理。"
    ))
}

fn does_already(id: TicketId, other: TicketId) -> Refusal {
    no_undo(said!(
        "{other} takes {id} back already and has not ended. Look there; if it is not wanted, withdraw it first.",
        "已有工单 {other} 在撤销 {id}，还没有结束。请先查看那个工单；如果不需要它，请先撤回。"
    ))
}
