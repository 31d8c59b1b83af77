//! What takes a ticket back: what was kept of it, beside how it is now.

mod places;
mod rows;
mod structure;

use super::{Failure, refuse::no_undo, reviewing::Reviewed};
use crate::desk::Desk;
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    id::TicketId,
    lang::said,
    wire::{
        entry::{Event, RowChanged},
        problem::{Code, Refusal},
        review::{Level, MAX_SQL_BYTES},
    },
};
use dbdesk_executor::run::parts;
use dbdesk_review::{Script, Statement};
use dbdesk_store::{
    entry,
    passed_over::{self, Left},
    revision,
    service_group::GroupRow,
    task,
    ticket::TicketRow,
};
use dbdesk_ticket::spread::Spread;
use dbdesk_undo::rollback::{Changed, Rollback};
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
    /// Beside which servers each statement was made.
    pub(super) homes: Vec<GroupId>,
    pub(super) told: Event,
}

/// Makes it. Nothing is changed by that.
pub(super) async fn make(desk: &Desk, row: &TicketRow, group: &GroupRow) -> Result<Made, Failure> {
    let id = row.id;
    let keys = desk.config.backup.keys().map_err(anyhow::Error::msg)?;
    let mut images = rows::rows_of(desk, row, &keys).await?;
    let ran = Ran::of(desk, row).await?;
    let places = places::of(desk, row, (group, &ran)).await?;
    let mut without = unkept(desk, row, &ran).await?;
    let mut backs = Vec::new();
    for place in &places.all {
        backs.push(
            structure::back(
                desk,
                row,
                &ran,
                (&place.group, &place.server, |index| places.is_at(place, index)),
            )
            .await?,
        );
    }
    let led: usize = backs.iter().map(|back| back.sql.len()).sum();
    let nowhere: Vec<u32> = backs.iter().flat_map(|back| back.without.iter().copied()).collect();
    if images.is_empty() && led == 0 && !nowhere.is_empty() {
        return Err(no_way_back(id, &nowhere).into());
    }
    if images.is_empty() && led == 0 && backs.iter().any(structure::Back::has_what_is_back) {
        return Err(all_is_back(id).into());
    }
    if images.is_empty() && led == 0 {
        return Err(nothing_kept(id, keys.sealing.is_some()).into());
    }
    // Changes of structure come last, and only where nothing is left.
    let structures = backs.iter().flat_map(|back| &back.sql).map(|sql| sql.len() + 2).sum();
    let mut rollback = Rollback::within(MAX_SQL_BYTES.saturating_sub(structures));
    let mut behind = 0;
    for (place, structure) in places.all.iter().zip(&backs) {
        let here;
        (here, images) = images.into_iter().partition(|images| places.has(place, &images.layout));
        if places.all.len() > 1 {
            rollback.elsewhere(&place.group.name);
        }
        let at = (&place.group, &place.server);
        behind += rows::back(desk, row, at, (here, structure), &mut rollback).await?;
    }
    if rollback.steps.is_empty() && rollback.rest == 0 && led == 0 {
        return Err(nothing_left(id, &rollback).into());
    }
    if rollback.rest > 0 {
        backs.clear();
    }
    let back: Vec<String> = backs.into_iter().flat_map(|back| back.sql).collect();
    let mut sql = rollback.sql(&format!("Takes back {id}."));
    for statement in &back {
        sql.push_str(statement);
        sql.push_str(";\n");
    }
    without.extend(nowhere);
    without.sort_unstable();
    without.dedup();
    without.truncate(TOLD);
    let told = told(id, (&rollback, behind), back.len(), without);
    if sql.len() > MAX_SQL_BYTES || rollback.steps.is_empty() && rollback.rest > 0 {
        return Err(too_large(id, rollback.rows + rollback.rest).into());
    }
    let part_of = parts(&sql);
    let parts = part_of.last().map_or(0, |last| last + 1);
    let homes = places.of_text(sql.clone()).await?;
    Ok(Made { sql, parts, part_of, homes, told })
}

/// Notes of a review that the SQL was made here, in so many parts, to take something back.
pub(super) fn only_what_matters(reviewed: &mut Reviewed, parts: u32) {
    reviewed.takes_back = Some(parts);
    // How it could be written better is of no use to anybody here.
    // Nor is how many rows it changes: each statement names one, and is rolled back where that is not as it was.
    for statement in &mut reviewed.judged.statements {
        statement.findings.retain(|found| match found.level {
            Level::Error => true,
            Level::NeedsDba => found.rule != "affected-rows-unknown",
            _ => false,
        });
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

/// What a ticket ran.
struct Ran {
    /// Nothing where it can not be read any more.
    script: Option<Script>,
    /// Which of them has not run, as a task counts.
    left: Left,
    /// What a task counts, of each statement.
    counted: Vec<u32>,
    /// On whose servers, where that is not all in one group.
    spread: Option<Spread>,
}

impl Ran {
    async fn of(desk: &Desk, row: &TicketRow) -> Result<Self, Failure> {
        let store = &desk.store;
        let task = match row.now.task {
            Some(task) => task::get(store, task).await?,
            None => None,
        };
        let nothing = Left { first: 0, todo: None };
        let (Some(task), Some(sql)) = (task, revision::sql(store, row.id, row.now.revision).await?) else {
            return Ok(Self { script: None, left: nothing, counted: Vec::new(), spread: None });
        };
        let left = passed_over::left(store, &task, task.done).await?;
        let spread = revision::spread(store, row.id, row.now.revision).await?;
        let read = tokio::task::spawn_blocking(move || {
            let script = dbdesk_review::read(&sql.text).ok();
            let count = script.as_ref().map_or(0, |script| script.statements().len());
            let counted = if sql.takes_back { parts(&sql.text) } else { (0..).take(count).collect() };
            (script, counted)
        });
        let (script, counted) = read.await.map_err(anyhow::Error::from)?;
        Ok(Self { script, left, counted, spread })
    }

    /// The statements, each with what a task counts of it.
    fn statements(&self) -> impl DoubleEndedIterator<Item = (&Statement, u32)> {
        let all = self.script.as_ref().map_or(&[][..], Script::statements);
        all.iter().zip(&self.counted).map(|(statement, counted)| (statement, *counted))
    }
}

/// Statements of which nothing is kept, from 0: because it could not be, or because they change other things than rows and tables.
async fn unkept(desk: &Desk, row: &TicketRow, ran: &Ran) -> Result<Vec<u32>, Failure> {
    let mut without = entry::without_undo(&desk.store, row.id).await?;
    let others = ran.statements().filter(|(statement, _)| {
        let shape = &statement.shape;
        !shape.is_dml() && !shape.is_ddl() && !matches!(statement.kind, "select" | "show" | "use")
    });
    without.extend(others.filter_map(|(statement, _)| u32::try_from(statement.index).ok()));
    without.retain(|index| !ran.left.has(*index));
    Ok(without)
}

fn told(
    ticket: TicketId,
    (rollback, behind): (&Rollback, u64),
    structures: usize,
    without: Vec<u32>,
) -> Event {
    Event::TakesBack {
        ticket,
        rows: rollback.rows,
        back: rollback.back,
        rest: rollback.rest,
        behind,
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

fn all_is_back(id: TicketId) -> Refusal {
    no_undo(said!(
        "What {id} changed is as it was before already.",
        "{id} 修改过的内容都已经是修改前的样子，不需要撤销。"
    ))
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
