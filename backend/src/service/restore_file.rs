//! A ticket is filed that brings back what somebody has looked at in a binary log.

use super::{
    Caller, Failure, Once,
    binlog::{self, Place},
    refuse::{no_undo, only_dba},
    restore_rows::KEPT,
    reviewing::review,
    taking_back,
    ticket_submit::{Filing, file},
    view,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::{RestoreId, TicketId},
    lang::said,
    when::When,
    wire::{
        problem::{Code, Refusal},
        restore::RestoreFile,
        ticket::TicketView,
    },
};
use dbdesk_store::{
    restore::{self, RestoreRow},
    service_group, ticket,
};

/// Files it, in the name of whoever looked; a second person approves it.
pub async fn file_it(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: RestoreId,
    body: RestoreFile,
) -> Result<TicketView, Failure> {
    let since = desk.clock.now() - KEPT;
    let row = restore::get(&desk.store, id, since).await?.ok_or_else(|| gone(id))?;
    if row.what.person != caller.person.id {
        return Err(gone(id).into());
    }
    free(desk, &row).await?;
    let group = service_group::by_id(&desk.store, row.what.group).await?.ok_or_else(|| gone(id))?;
    let what = &row.what;
    let place = Place {
        group: &group.group,
        database: &what.database,
        table: &what.table,
        from: what.from,
        until: Some(what.until),
    };
    // What it files shows rows that others wrote: who looked must be a DBA of the group still.
    only_dba(desk, caller, Some(&group.group), said!("look into the binary log", "查看 binlog"))?;
    let logged = binlog::read(desk, &place).await?;
    // What began before `until` may have been committed after the look.
    let images = logged.images().ok_or_else(|| binlog::came_to_nothing(&place))?;
    if binlog::digest(&images)? != what.digest {
        return Err(more_since(id).into());
    }
    let made = binlog::make(desk, &place, logged, (body.what, what.until)).await?;
    let mut reviewed =
        review(desk, caller.within(), &made.sql, Some(&group.group), Some(&what.database)).await?;
    taking_back::only_what_matters(&mut reviewed, made.parts);
    reviewed.online.clear();

    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let filing = Filing {
        group: &group,
        database: what.database.clone(),
        requester: &caller.person,
        reason: what.reason.clone(),
        lang: caller.lang,
        when: When::Now,
        schedule: None,
        takes_back: None,
        account: None,
        goes_on: false,
        told: Some(made.told),
        sql: &made.sql,
        reviewed: &reviewed,
    };
    let filed = file(desk, &mut tx, filing, now).await?;
    // Who presses twice at the same moment files one.
    if !restore::filed(&mut tx, id, row.ticket, filed.id).await? {
        return Err(filed_meanwhile(id).into());
    }
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.changed(filed.id);
    view::ticket(desk, filed.id, caller.lang).await
}

/// Whether no ticket that was filed from it before is still open.
async fn free(desk: &Desk, row: &RestoreRow) -> Result<(), Failure> {
    let Some(before) = row.ticket else { return Ok(()) };
    match ticket::get(&desk.store, before).await? {
        Some(ticket) if !ticket.now.state.is_final() => Err(filed_before(before).into()),
        _ => Ok(()),
    }
}

fn filed_before(before: TicketId) -> Refusal {
    no_undo(said!(
        "{before} was filed from this already and has not ended. Look there; if it is not wanted, withdraw it first.",
        "已经据此提交了 {before}，还没有结束。请先查看那个工单；如果不需要它，请先撤回。"
    ))
}

fn filed_meanwhile(id: RestoreId) -> Refusal {
    no_undo(said!(
        "Another ticket was filed from {id} at the same moment. `/ticket list` shows it.",
        "同一时刻已经据 {id} 提交了另一个工单。可以用 `/ticket list` 查看。"
    ))
}

fn more_since(id: RestoreId) -> Refusal {
    no_undo(said!(
        "The binary log has more of that time by now than {id} showed: a transaction was committed since. Nothing was filed. Look again with \
         `/restore rows`.",
        "binlog 里这段时间的内容比 {id} 显示的多：之后又有事务提交。没有提交工单，请重新用 `/restore rows` 查看。"
    ))
}

pub(super) fn gone(id: RestoreId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "{id} is not kept any more. Look again with `/restore rows`.",
            "{id} 已经不再保留。请重新用 `/restore rows` 查看。"
        ),
    )
}
