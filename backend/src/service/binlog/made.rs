//! The SQL that brings rows back, beside the rows as they are now.

use super::{Logged, Place, came_to_nothing};
use crate::{
    desk::Desk,
    service::{
        Failure,
        refuse::{local, no_undo, target_down},
        taking_back::{READING, named},
    },
};
use dbdesk_commands::{
    clock::Time,
    lang::said,
    wire::{
        entry::Event,
        problem::{Code, Refusal},
        restore::RestoreWhat,
        review::MAX_SQL_BYTES,
    },
};
use dbdesk_components::mysql;
use dbdesk_executor::run::changes;
use dbdesk_undo::rollback::Rollback;
use std::time::Duration;

/// The SQL, and what is to be told of it.
pub(in crate::service) struct Made {
    pub(in crate::service) sql: String,
    /// So many are run one after the other.
    pub(in crate::service) parts: u32,
    pub(in crate::service) told: Event,
}

/// Makes it, of the rows that are still as the log has them last. `until`: as it is told.
pub(in crate::service) async fn make(
    desk: &Desk,
    place: &Place<'_>,
    logged: Logged,
    (what, until): (RestoreWhat, Time),
) -> Result<Made, Failure> {
    let transactions = logged.transactions.len() as u64;
    let mut images = logged.images().ok_or_else(|| came_to_nothing(place))?;
    if what == RestoreWhat::Deleted {
        images.rows.retain(|row| row.after.is_none());
    }
    if images.rows.is_empty() {
        return Err(none_deleted(place).into());
    }
    let connect = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let all = std::slice::from_ref(&images);
    let now = mysql::rows::now(&logged.server, all, (connect, READING)).await;
    let now = now.map_err(|error| target_down(place.group, &error.to_string()))?;
    let mut rollback = Rollback::default();
    rollback
        .add(images, now.first().map_or(&[], Vec::as_slice), &logged.along.referrers)
        .map_err(|_| anyhow::anyhow!("what the log has of {} is unsound", place.name()))?;
    if rollback.steps.is_empty() {
        return Err(nothing_left(place, &rollback).into());
    }
    let name = place.name().replace(['\n', '\r'], " ");
    let (from, to) = (local(place.from, place.group), local(until, place.group));
    let sql = rollback.sql(&format!("Brings rows of {name} back, from the binary log of {from} to {to}."));
    if sql.len() > MAX_SQL_BYTES {
        return Err(too_large(rollback.rows).into());
    }
    let parts = u32::try_from(changes(&sql).len()).unwrap_or(u32::MAX);
    let told = Event::RestoresRows {
        table: place.name(),
        from: place.from,
        until,
        transactions,
        rows: rollback.rows,
        back: rollback.back,
        changed: rollback.changed.len() as u64,
        first: named(&rollback),
    };
    Ok(Made { sql, parts, told })
}

fn none_deleted(place: &Place<'_>) -> Refusal {
    let name = place.name();
    no_undo(said!(
        "No row of `{name}` is gone by what the binary log has of that time; rows were changed or inserted only. Take all of it back \
         instead.",
        "这段时间里 `{name}` 没有行被删除，只有修改或新增。可以改为恢复全部修改。"
    ))
}

fn nothing_left(place: &Place<'_>, rollback: &Rollback) -> Refusal {
    let (name, back, changed) = (place.name(), rollback.back, rollback.changed.len());
    let rows: Vec<&str> = rollback.changed.iter().take(3).map(|row| row.row.as_str()).collect();
    let rows = rows.join("; ");
    no_undo(if changed == 0 {
        said!(
            "Every row of `{name}` that was changed in that time is as it was before already.",
            "这段时间里修改过的 `{name}` 的行都已经是修改前的样子。"
        )
    } else {
        said!(
            "Every row of `{name}` has been changed again since ({changed}, such as {rows}; {back} are as they were before already). To bring \
             them back would overwrite what came later, so nothing was filed. Look at the rows, and file a ticket with what they should be.",
            "`{name}` 的这些行之后又被修改过（共 {changed} 行，例如 {rows}；另有 {back} 行已经是修改前的样子）。恢复会覆盖之后的修改，所以没有提交\
             工单。请查看这些行，再提交一个把它们改成所需内容的工单。"
        )
    })
}

fn too_large(rows: u64) -> Refusal {
    Refusal::new(
        Code::TooLarge,
        said!(
            "To bring {rows} rows back takes more SQL than a ticket holds ({MAX_SQL_BYTES} bytes). Nothing was filed. Ask for a shorter \
             time, one part after the other.",
            "恢复 {rows} 行需要的 SQL 超出了一个工单的上限（{MAX_SQL_BYTES} 字节）。没有提交工单。请缩短时间范围，分几次恢复。"
        ),
    )
}
