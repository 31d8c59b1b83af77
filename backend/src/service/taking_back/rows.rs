//! What a ticket did to rows, and whether their tables are as they were.

use super::{
    READING,
    structure::{Back, Comes},
    too_large,
};
use crate::{
    desk::Desk,
    kept,
    service::{
        Failure,
        refuse::{no_undo, target_down},
    },
};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{id::TicketId, lang::said, wire::problem::Refusal};
use dbdesk_components::mysql::{self, facts};
use dbdesk_review::{
    Facts, Question,
    facts::{Along, Looked, TableName},
};
use dbdesk_store::{
    backup,
    ticket::{self, TicketRow},
};
use dbdesk_undo::{
    Images, Layout,
    fold::{fold_apart, turned},
    rollback::Rollback,
    sealed::Keys,
};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

/// More rows than a ticket's SQL could ever hold are not even read.
const MOST_ROWS: u64 = 100_000;
/// Nor more bytes, packed.
const MOST_BYTES: u64 = 64 << 20;

/// What a ticket did to rows, from first to last. Of one that takes another one back: the same the other way round.
pub(super) async fn rows_of(desk: &Desk, row: &TicketRow, keys: &Keys) -> Result<Vec<Images>, Failure> {
    let (mut id, mut turns) = (row.id, 0);
    // One that was taken back was itself …
    let mut next = row.takes_back;
    while let Some(before) = next {
        if backup::has(&desk.store, id).await? {
            break;
        }
        let beside = ticket::took_back_beside(&desk.store, (before, id)).await?;
        if !beside.is_empty() {
            return Err(taken_back_together(before, id, &beside).into());
        }
        (id, turns) = (before, turns + 1);
        next = ticket::get(&desk.store, before).await?.and_then(|row| row.takes_back);
    }
    let size = backup::size(&desk.store, id).await?;
    if size.rows > MOST_ROWS || size.bytes > MOST_BYTES {
        return Err(too_large(row.id, size.rows).into());
    }
    let parts = backup::of_ticket(&desk.store, id).await?;
    let opened = match kept::images(&desk.config.backup, id, parts, desk.clock.now()).await {
        Ok(opened) => opened,
        Err(unread) => return Err(no_undo(unread.said(row.id, keys)?).into()),
    };
    let folded = fold_apart(opened);
    Ok(if turns % 2 == 1 { turned(folded) } else { folded })
}

/// Adds what takes these rows back, all of them on one server, beside how they are now. Gives how many can come only when the structure
/// of their tables is back.
pub(super) async fn back(
    desk: &Desk,
    row: &TicketRow,
    (group, server): (&ServiceGroup, &MySqlConnectOptions),
    (images, structure): (Vec<Images>, &Back),
    rollback: &mut Rollback,
) -> Result<u64, Failure> {
    let (images, along, mut behind) = fitting(desk, server, group, (images, structure)).await?;
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let now = mysql::rows::now(server, &images, (connect, READING)).await;
    let now = now.map_err(|error| target_down(group, &error.to_string()))?;
    for ((images, now), along) in images.into_iter().zip(&now).zip(&along) {
        // What is in it by now is set aside with it.
        if structure.of(&name(&images.layout)) == Some(Comes::Refilled) {
            behind += now.iter().filter(|now| now.is_none()).count() as u64;
            continue;
        }
        rollback
            .add(images, now, &along.referrers)
            .map_err(|_| anyhow::anyhow!("what is kept of {} is unsound", row.id))?;
    }
    Ok(behind)
}

fn name(layout: &Layout) -> TableName {
    TableName { database: Some(layout.database.clone()), table: layout.table.clone() }
}

/// Those whose tables are as they were when their rows were kept, and change nothing but these rows with them; who refers to each; and
/// how many rows are of tables that this ticket changed and that come back.
async fn fitting(
    desk: &Desk,
    server: &MySqlConnectOptions,
    group: &ServiceGroup,
    (images, structure): (Vec<Images>, &Back),
) -> Result<(Vec<Images>, Vec<Along>, u64), Failure> {
    let questions: Vec<Question> = images
        .iter()
        .flat_map(|images| [Question::Table(name(&images.layout)), Question::Along(name(&images.layout))])
        .collect();
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let limits = facts::Limits { connect, ..facts::Limits::default() };
    let facts = facts::gather_whole(server, &questions, &limits).await;
    let facts = facts.map_err(|error| target_down(group, &error.to_string()))?;
    let (mut fitting, mut all_along, mut behind) = (Vec::new(), Vec::new(), 0);
    for images in images {
        let name = name(&images.layout);
        match (is_as_it_was(group, &images.layout, &name, &facts)?, structure.of(&name)) {
            (Some(along), _) => {
                fitting.push(images);
                all_along.push(along);
            }
            (None, Some(Comes::Back | Comes::Refilled)) => behind += images.rows.len() as u64,
            // They went with what is gone by now.
            (None, Some(Comes::IsBack)) => {}
            (None, Some(Comes::Not) | None) => return Err(restructured_since(&images.layout).into()),
        }
    }
    Ok((fitting, all_along, behind))
}

/// `None`: the table has other columns, or is not there.
fn is_as_it_was(
    group: &ServiceGroup,
    layout: &Layout,
    name: &TableName,
    facts: &Facts,
) -> Result<Option<Along>, Failure> {
    let (database, table) = (&layout.database, &layout.table);
    if !Layout::now(database, table, facts).is_ok_and(|now| now == *layout) {
        return Ok(None);
    }
    let Some(Looked::Found(found)) = facts.looked(name) else { return Ok(None) };
    let Some(along) = found.along.clone() else {
        return Err(target_down(group, "it did not tell what changes along").into());
    };
    if let Some(trigger) = along.triggers.first() {
        return Err(no_undo(said!(
            "The table `{database}.{table}` has a trigger by now, `{trigger}`: it could change other rows along with those that are taken \
             back. A DBA can take it back by hand.",
            "表 `{database}.{table}` 现在有触发器 `{trigger}`：撤销时它可能修改其他行。请 DBA 手工处理。"
        ))
        .into());
    }
    Ok(Some(along))
}

/// What one of them did alone is not known: all of what is kept is of the first.
fn taken_back_together(first: TicketId, id: TicketId, beside: &[TicketId]) -> Refusal {
    let others: Vec<String> = beside.iter().map(ToString::to_string).collect();
    let others = others.join(", ");
    no_undo(said!(
        "{first} was taken back by several tickets ({id}, {others}). Which rows were whose is not kept, so {id} can not be taken back by \
         itself. To do it again, file the SQL of {first} anew.",
        "{first} 是由多个工单（{id}、{others}）分别撤销的，没有记录各自撤销了哪些行，因此不能单独撤销 {id}。如需重新执行，请再次提交 {first} 的 SQL。"
    ))
}

fn restructured_since(layout: &Layout) -> Refusal {
    let (database, table) = (&layout.database, &layout.table);
    no_undo(said!(
        "The table `{database}.{table}` has other columns or keys than when its rows were kept, so they do not fit any more. A DBA can \
         take it back by hand.",
        "表 `{database}.{table}` 的列或键与备份时不同，备份的行已经对不上。请 DBA 手工处理。"
    ))
}
