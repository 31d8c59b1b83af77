//! What takes a ticket back: what was kept of it, beside the rows as they are now.

use super::{
    Failure,
    refuse::{no_undo, target_down},
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    lang::{Said, said},
    wire::{
        entry::{Event, RowChanged},
        problem::{Code, Refusal},
        review::MAX_SQL_BYTES,
    },
};
use dbdesk_components::mysql::{facts, rows};
use dbdesk_executor::run::{changes, place};
use dbdesk_review::{
    Facts, Question, Script,
    facts::{Along, Looked, TableName},
};
use dbdesk_store::{
    backup::{self, OfTask},
    entry, revision, task,
    ticket::TicketRow,
};
use dbdesk_undo::{
    Images, Layout,
    fold::{fold, turned},
    rollback::{Changed, Rollback},
    sealed::{Key, open},
};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

/// More rows than a ticket's SQL could ever hold are not even read.
const MOST_ROWS: u64 = 100_000;
/// Nor more bytes, packed.
const MOST_BYTES: u64 = 64 << 20;
/// Rows that changed are named one by one up to here.
const NAMED: usize = 10;
/// Time for reading the rows as they are.
const READING: Duration = Duration::from_secs(20);

/// The SQL that takes a ticket back, and what is to be told of it.
pub(super) struct Made {
    pub(super) sql: String,
    /// So many are run one after the other.
    pub(super) parts: u32,
    pub(super) told: Event,
}

/// Makes it. Nothing is changed by that.
pub(super) async fn make(desk: &Desk, row: &TicketRow, group: &ServiceGroup) -> Result<Made, Failure> {
    let id = row.id;
    let key = desk.config.backup.key().map_err(anyhow::Error::msg)?.ok_or_else(no_key)?;
    let images = kept(desk, row, &key).await?;
    if images.is_empty() {
        return Err(no_undo(said!(
            "No row that {id} changed is kept: it changed none, or it ran before rows were kept, or that was too long ago.",
            "没有保留 {id} 修改过的行：它没有修改任何行，或执行时还没有启用备份，或备份已过期。"
        ))
        .into());
    }
    let primary = group.primary().ok_or_else(|| target_down(group, "the inventory names no primary"))?;
    let account = desk.config.target.run_account(&group.name);
    let server = MySqlConnectOptions::new()
        .host(&primary.host)
        .port(primary.port)
        .username(&account.user)
        .password(account.password.expose());
    let along = as_it_was(desk, &server, group, &images).await?;
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let now = rows::now(&server, &images, (connect, READING)).await;
    let now = now.map_err(|error| target_down(group, &error.to_string()))?;
    let mut rollback = Rollback::default();
    for ((images, now), along) in images.into_iter().zip(&now).zip(&along) {
        rollback
            .add(images, now, &along.referrers)
            .map_err(|_| anyhow::anyhow!("what is kept of {id} is unsound"))?;
    }
    let told = told(id, &rollback, without(desk, row).await?);
    if rollback.steps.is_empty() {
        return Err(nothing_left(id, &rollback).into());
    }
    let sql = rollback.sql(&format!("Takes back {id}."));
    if sql.len() > MAX_SQL_BYTES {
        return Err(too_large(id, rollback.rows).into());
    }
    let parts = u32::try_from(changes(&sql).len()).unwrap_or(u32::MAX);
    Ok(Made { sql, parts, told })
}

/// What a ticket did to rows, from first to last. Of one that takes another one back: the same the other way round.
async fn kept(desk: &Desk, row: &TicketRow, key: &Key) -> Result<Vec<Images>, Failure> {
    let (mut id, mut turns) = (row.id, 0);
    // One that was taken back was itself …
    let mut next = row.takes_back;
    while let Some(before) = next {
        if backup::has(&desk.store, id).await? {
            break;
        }
        (id, turns) = (before, turns + 1);
        next = dbdesk_store::ticket::get(&desk.store, before).await?.and_then(|row| row.takes_back);
    }
    let size = backup::size(&desk.store, id).await?;
    if size.rows > MOST_ROWS || size.bytes > MOST_BYTES {
        return Err(too_large(row.id, size.rows).into());
    }
    let parts = backup::of_ticket(&desk.store, id).await?;
    if let Some(other) = parts.iter().find(|of| of.part.key_name != key.name()) {
        return Err(other_key(row.id, &other.part.key_name, key.name()).into());
    }
    let key = key.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let open = |OfTask { task_id, part }: &OfTask| {
            open(&part.sealed, &key, &place(id, TaskId(*task_id), part.statement, part.part))
        };
        parts.iter().map(open).collect::<Result<Vec<Images>, _>>()
    });
    let opened = opened.await.map_err(anyhow::Error::from)?;
    let opened = opened.map_err(|error| anyhow::anyhow!("what is kept of {id}: {error}"))?;
    let folded = fold(opened).map_err(|restructured| restructured_since(&restructured.table))?;
    Ok(if turns % 2 == 1 { turned(folded) } else { folded })
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
    let facts = facts::gather(server, &questions, &limits).await;
    let facts = facts.map_err(|error| target_down(group, &error.to_string()))?;
    images.iter().map(|images| is_as_it_was(&images.layout, &name(&images.layout), &facts)).collect()
}

fn is_as_it_was(layout: &Layout, name: &TableName, facts: &Facts) -> Result<Along, Failure> {
    let (database, table) = (&layout.database, &layout.table);
    match Layout::now(database, table, facts) {
        Ok(now) if now == *layout => {}
        _ => return Err(restructured_since(&format!("{database}.{table}")).into()),
    }
    let Some(Looked::Found(found)) = facts.looked(name) else {
        return Err(restructured_since(&format!("{database}.{table}")).into());
    };
    let along = found.along.clone().unwrap_or_default();
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

/// Statements of which nothing is kept, from 0: because it could not be, or because they change more than rows.
async fn without(desk: &Desk, row: &TicketRow) -> Result<Vec<u32>, Failure> {
    if row.takes_back.is_some() {
        return Ok(Vec::new());
    }
    let mut without = entry::without_undo(&desk.store, row.id).await?;
    let task = match row.now.task {
        Some(task) => task::get(&desk.store, task).await?,
        None => None,
    };
    let (Some(task), Some(sql)) = (task, revision::sql(&desk.store, row.id, row.now.revision).await?) else {
        return Ok(without);
    };
    let read = tokio::task::spawn_blocking(move || dbdesk_review::read(&sql.text));
    if let Ok(script) = read.await.map_err(anyhow::Error::from)? {
        without.extend(beyond_rows(&script).into_iter().filter(|index| *index < task.done));
    }
    without.sort_unstable();
    without.dedup();
    Ok(without)
}

fn beyond_rows(script: &Script) -> Vec<u32> {
    let changes = script.statements().iter().filter(|statement| {
        let shape = &statement.shape;
        !shape.is_dml() && !matches!(statement.kind, "select" | "show" | "use")
    });
    changes.map(|statement| u32::try_from(statement.index).unwrap_or(u32::MAX)).collect()
}

fn told(ticket: TicketId, rollback: &Rollback, without: Vec<u32>) -> Event {
    let first = rollback.changed.iter().take(NAMED).map(|changed| {
        let Changed { table, row, columns } = changed.clone();
        RowChanged { table, row, columns }
    });
    Event::TakesBack {
        ticket,
        rows: rollback.rows,
        back: rollback.back,
        changed: rollback.changed.len() as u64,
        first: first.collect(),
        without,
    }
}

fn nothing_left(id: TicketId, rollback: &Rollback) -> Refusal {
    let (back, changed) = (rollback.back, rollback.changed.len());
    let rows: Vec<String> =
        rollback.changed.iter().take(3).map(|row| format!("`{}` {}", row.table, row.row)).collect();
    let rows = rows.join("; ");
    no_undo(if changed == 0 {
        said!(
            "Every row that {id} changed is as it was before already.",
            "{id} 修改过的行都已经是修改前的样子，不需要撤销。"
        )
    } else {
        said!(
            "Somebody has changed every row since {id} did ({changed}, such as {rows}; {back} are as they were before already). To take \
             back would overwrite what came later, so nothing was filed. Look at the rows, and file a ticket with what they should be.",
            "{id} 之后，这些行都又被修改过（共 {changed} 行，例如 {rows}；另有 {back} 行已经是修改前的样子）。撤销会覆盖之后的修改，所以没有\
             提交工单。请查看这些行，再提交一个把它们改成所需内容的工单。"
        )
    })
}

fn no_key() -> Refusal {
    no_undo(said!(
        "Rows are not kept here: the desk has no key for that. A DBA sets `[backup] secret_key_file`; it counts for what runs from then on.",
        "这里没有启用行备份：没有配置密钥。请 DBA 设置 `[backup] secret_key_file`，对之后执行的工单生效。"
    ))
}

fn other_key(id: TicketId, sealed: &str, has: &str) -> Refusal {
    no_undo(said!(
        "What is kept of {id} was sealed with the key `{sealed}`, and the desk has `{has}`. A DBA can bring that key back.",
        "{id} 的备份是用密钥 `{sealed}` 加密的，而现在的密钥是 `{has}`。请 DBA 恢复原来的密钥。"
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

fn too_large(id: TicketId, rows: u64) -> Refusal {
    Refusal::new(
        Code::TooLarge,
        said!(
            "To take back {id} needs the values of {rows} rows, which is more SQL than a ticket holds ({MAX_SQL_BYTES} bytes). Nothing was \
             filed. A DBA can take it back from a replica or a dump of before.",
            "撤销 {id} 需要写回 {rows} 行的内容，超出了一个工单的 SQL 上限（{MAX_SQL_BYTES} 字节）。没有提交工单。请 DBA 从延迟从库或备份恢复。"
        ),
    )
}
