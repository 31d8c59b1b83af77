//! What a ticket did to rows, and whether their tables are as they were.

use super::{READING, too_large};
use crate::{
    desk::Desk,
    kept,
    service::{
        Failure,
        refuse::{no_undo, target_down},
    },
};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::TicketId,
    lang::{Said, said},
    wire::problem::Refusal,
};
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
    fold::{fold, turned},
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
    let folded = fold(opened).map_err(|restructured| restructured_since(&restructured.table))?;
    Ok(if turns % 2 == 1 { turned(folded) } else { folded })
}

/// Adds what takes these rows back, all of them on one server, beside how they are now.
pub(super) async fn back(
    desk: &Desk,
    row: &TicketRow,
    (group, server): (&ServiceGroup, &MySqlConnectOptions),
    images: Vec<Images>,
    rollback: &mut Rollback,
) -> Result<(), Failure> {
    let along = as_it_was(desk, server, group, &images).await?;
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let now = mysql::rows::now(server, &images, (connect, READING)).await;
    let now = now.map_err(|error| target_down(group, &error.to_string()))?;
    for ((images, now), along) in images.into_iter().zip(&now).zip(&along) {
        rollback
            .add(images, now, &along.referrers)
            .map_err(|_| anyhow::anyhow!("what is kept of {} is unsound", row.id))?;
    }
    Ok(())
}

/// Whether each table is as it was when its rows were kept, and nothing but its rows changes with them; and who refers to it.
async fn as_it_was(
    desk: &Desk,
    server: &MySqlConnectOptions,
    group: &ServiceGroup,
    images: &[Images],
) -> Result<Vec<Along>, Failure> {
    let name =
        |layout: &Layout| TableName { database: Some(layout.database.clone()), table: layout.table.clone() };
    let questions: Vec<Question> = images
        .iter()
        .flat_map(|images| [Question::Table(name(&images.layout)), Question::Along(name(&images.layout))])
        .collect();
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let limits = facts::Limits { connect, ..facts::Limits::default() };
    let facts = facts::gather_whole(server, &questions, &limits).await;
    let facts = facts.map_err(|error| target_down(group, &error.to_string()))?;
    let one = |images: &Images| is_as_it_was(group, &images.layout, &name(&images.layout), &facts);
    images.iter().map(one).collect()
}

fn is_as_it_was(
    group: &ServiceGroup,
    layout: &Layout,
    name: &TableName,
    facts: &Facts,
) -> Result<Along, Failure> {
    let (database, table) = (&layout.database, &layout.table);
    match Layout::now(database, table, facts) {
        Ok(now) if now == *layout => {}
        _ => return Err(restructured_since(&format!("{database}.{table}")).into()),
    }
    let Some(Looked::Found(found)) = facts.looked(name) else {
        return Err(restructured_since(&format!("{database}.{table}")).into());
    };
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
    Ok(along)
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

fn restructured_since(table: &str) -> Refusal {
    let said: Said = said!(
        "The table `{table}` has other columns or keys than when its rows were kept, so they do not fit any more. A DBA can take it back \
         by hand.",
        "表 `{table}` 的列或键与备份时不同，备份的行已经对不上。请 DBA 手工处理。"
    );
    no_undo(said)
}
