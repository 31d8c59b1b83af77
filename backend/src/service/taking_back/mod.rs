//! What takes a ticket back: what was kept of it, beside how it is now.

mod rows;
mod structure;

use super::{
    Failure,
    refuse::{no_undo, target_down},
    reviewing::Reviewed,
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::TicketId,
    lang::said,
    wire::{
        entry::{Event, RowChanged},
        problem::{Code, Refusal},
        review::{Level, MAX_SQL_BYTES},
    },
};
use dbdesk_components::mysql;
use dbdesk_executor::run::changes;
use dbdesk_review::Script;
use dbdesk_store::{
    entry,
    passed_over::{self, Left},
    revision, task,
    ticket::TicketRow,
};
use dbdesk_undo::rollback::{Changed, Rollback};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

/// Statements without anything kept are told up to here: an entry of the log has its bounds.
const TOLD: usize = 1_000;
/// Rows that changed are named one by one up to here.
const NAMED: usize = 10;
/// Time for reading the rows as they are.
pub(super) const READING: Duration = Duration::from_secs(20);

/// The SQL that takes a ticket back, and what is to be told of it.
pub(super) struct Made {
    pub(super) sql: String,
    /// So many are run one after the other.
    pub(super) parts: u32,
    /// To which of them each statement belongs.
    pub(super) part_of: Vec<u32>,
    pub(super) told: Event,
}

/// Makes it. Nothing is changed by that.
pub(super) async fn make(desk: &Desk, row: &TicketRow, group: &ServiceGroup) -> Result<Made, Failure> {
    let id = row.id;
    let keys = desk.config.backup.keys().map_err(anyhow::Error::msg)?;
    let images = rows::rows_of(desk, row, &keys).await?;
    let primary = group.primary().ok_or_else(|| target_down(group, "the inventory names no primary"))?;
    let account = desk.config.target.run_account(&group.name);
    let server = MySqlConnectOptions::new()
        .host(&primary.host)
        .port(primary.port)
        .username(&account.user)
        .password(account.password.expose());
    let mut without = Vec::new();
    let mut back = structure::Back::default();
    if let Some((script, left, takes_back)) = ran(desk, row).await? {
        back = structure::back(desk, row, (&script, &left, takes_back), (&server, group)).await?;
        without = unkept(desk, row, &script, &left).await?;
    }
    if images.is_empty() && back.sql.is_empty() && !back.without.is_empty() {
        return Err(no_way_back(id, &back.without).into());
    }
    if images.is_empty() && back.sql.is_empty() {
        return Err(nothing_kept(id, keys.sealing.is_some()).into());
    }
    let along = rows::as_it_was(desk, &server, group, &images).await?;
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let now = mysql::rows::now(&server, &images, (connect, READING)).await;
    let now = now.map_err(|error| target_down(group, &error.to_string()))?;
    // Changes of structure come last, and only where nothing is left.
    let room = MAX_SQL_BYTES.saturating_sub(back.sql.iter().map(|sql| sql.len() + 2).sum());
    let mut rollback = Rollback::within(room);
    for ((images, now), along) in images.into_iter().zip(&now).zip(&along) {
        rollback
            .add(images, now, &along.referrers)
            .map_err(|_| anyhow::anyhow!("what is kept of {id} is unsound"))?;
    }
    if rollback.steps.is_empty() && rollback.rest == 0 && back.sql.is_empty() {
        return Err(nothing_left(id, &rollback).into());
    }
    if rollback.rest > 0 {
        back = structure::Back::default();
    }
    let mut sql = rollback.sql(&format!("Takes back {id}."));
    for statement in &back.sql {
        sql.push_str(statement);
        sql.push_str(";\n");
    }
    without.extend(back.without);
    without.sort_unstable();
    without.dedup();
    without.truncate(TOLD);
    let told = told(id, &rollback, back.sql.len(), without);
    if sql.len() > MAX_SQL_BYTES || rollback.steps.is_empty() && rollback.rest > 0 {
        return Err(too_large(id, rollback.rows + rollback.rest).into());
    }
    let parts = u32::try_from(changes(&sql).len()).unwrap_or(u32::MAX);
    let made = sql.clone();
    let read =
        tokio::task::spawn_blocking(move || dbdesk_review::read(&made)).await.map_err(anyhow::Error::from)?;
    let script =
        read.map_err(|refusal| anyhow::anyhow!("what takes {id} back is not read: {}", refusal.said.en))?;
    Ok(Made { part_of: structure::parts(&script, true), sql, parts, told })
}

/// Notes of a review that the SQL was made here, in so many parts, to take something back.
pub(super) fn only_what_matters(reviewed: &mut Reviewed, parts: u32) {
    reviewed.takes_back = Some(parts);
    // How it could be written better is of no use to anybody here.
    for statement in &mut reviewed.judged.statements {
        statement.findings.retain(|found| matches!(found.level, Level::Error | Level::NeedsDba));
    }
    reviewed.without_undo.clear();
    reviewed.in_chunks.clear();
}

/// The first rows that changed since.
pub(super) fn named(rollback: &Rollback) -> Vec<RowChanged> {
    let first = rollback.changed.iter().take(NAMED).map(|changed| {
        let Changed { table, row, columns } = changed.clone();
        RowChanged { table, row, columns }
    });
    first.collect()
}

/// A ticket's statements, what of them has not run, as a task counts, and whether it takes another one back.
async fn ran(desk: &Desk, row: &TicketRow) -> Result<Option<(Script, Left, bool)>, Failure> {
    let task = match row.now.task {
        Some(task) => task::get(&desk.store, task).await?,
        None => None,
    };
    let (Some(task), Some(sql)) = (task, revision::sql(&desk.store, row.id, row.now.revision).await?) else {
        return Ok(None);
    };
    let left = passed_over::left(&desk.store, &task, task.done).await?;
    let takes_back = sql.takes_back;
    let read = tokio::task::spawn_blocking(move || dbdesk_review::read(&sql.text));
    Ok(read.await.map_err(anyhow::Error::from)?.ok().map(|script| (script, left, takes_back)))
}

/// Statements of which nothing is kept, from 0: because it could not be, or because they change other things than rows and tables.
async fn unkept(desk: &Desk, row: &TicketRow, script: &Script, left: &Left) -> Result<Vec<u32>, Failure> {
    let mut without = entry::without_undo(&desk.store, row.id).await?;
    let others = script.statements().iter().filter(|statement| {
        let shape = &statement.shape;
        !shape.is_dml() && !shape.is_ddl() && !matches!(statement.kind, "select" | "show" | "use")
    });
    without.extend(others.filter_map(|statement| u32::try_from(statement.index).ok()));
    without.retain(|index| !left.has(*index));
    Ok(without)
}

fn told(ticket: TicketId, rollback: &Rollback, structures: usize, without: Vec<u32>) -> Event {
    Event::TakesBack {
        ticket,
        rows: rollback.rows,
        back: rollback.back,
        rest: rollback.rest,
        changed: rollback.changed.len() as u64,
        first: named(rollback),
        structures: u32::try_from(structures).unwrap_or(u32::MAX),
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

fn no_way_back(id: TicketId, without: &[u32]) -> Refusal {
    let numbers: Vec<String> = without.iter().take(20).map(|index| (index + 1).to_string()).collect();
    let numbers = numbers.join(", ");
    no_undo(said!(
        "Nothing leads back from what {id} did (statement {numbers}): the table has been changed since, or values are gone with a column, or \
         the name is taken by now. File a ticket with what it should be.",
        "{id} 的第 {numbers} 条语句无法撤销：表之后又被修改过，或随列删除的数据已不在，或表名已被占用。请另行提交工单改成所需的样子。"
    ))
}

fn nothing_kept(id: TicketId, has_key: bool) -> Refusal {
    no_undo(if has_key {
        said!(
            "Nothing that {id} changed is kept: it changed nothing that can be taken back, or it ran before that was kept, or too long ago.",
            "没有保留 {id} 的修改内容：它没有可以撤销的修改，或执行时还没有启用备份，或已过期。"
        )
    } else {
        said!(
            "Nothing that {id} changed is kept: the desk has no key for rows. A DBA sets `[backup] secret_key_file`; it counts for what runs \
             from then on.",
            "没有保留 {id} 的修改内容：没有配置行备份的密钥。请 DBA 设置 `[backup] secret_key_file`，对之后执行的工单生效。"
        )
    })
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
