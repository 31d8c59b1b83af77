//! What the binary log has of a table's rows in a time. Nothing is filed yet.

use super::{
    Caller, Failure, Once,
    binlog::{self, Logged, Place, SHOWN},
    content,
    refuse::{invalid, only_dba},
    reviewing::{database, group},
};
use crate::desk::Desk;
use chrono::{DateTime, TimeDelta};
use dbdesk_commands::{
    clock::Time,
    lang::said,
    past,
    wire::{
        audit::{SubjectKind, What},
        problem::Refusal,
        restore::{RestoreRows, RestoreTransaction, RestoreView},
    },
};
use dbdesk_components::mysql::binlog::Transaction;
use dbdesk_store::audit::Decision;
use dbdesk_store::restore::{self, NewRestore};
use dbdesk_undo::{Images, Layout, Row, rollback::key_shown};
use serde_json::json;

/// A ticket is filed from it for so long.
pub(super) const KEPT: TimeDelta = TimeDelta::days(1);
/// Rows of one transaction that are shown.
const ROWS: usize = 3;

/// Looks.
pub async fn look(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: RestoreRows,
) -> Result<RestoreView, Failure> {
    let found = group(desk, caller.within(), &body.service_group).await?;
    // It shows what others wrote, and rows of any table.
    only_dba(desk, caller, Some(&found.group), said!("look into a binary log", "查看 binlog"))?;
    database(&found.group, &body.database)?;
    let reason = content::reason(&body.reason)?;
    let now = desk.clock.now();
    let (zone, table) = (found.group.time_zone, body.table.trim());
    let from = past::parse(&body.from, zone, now).map_err(invalid)?;
    let until = match body.until.trim() {
        "" => None,
        until => Some(past::parse(until, zone, now).map_err(invalid)?),
    };
    if from > now || until.is_some_and(|until| until < from) {
        return Err(not_past(zone).into());
    }
    let place = Place { group: &found.group, database: &body.database, table, from, until };
    let logged = binlog::read(desk, &place).await?;
    let images = logged.images().ok_or_else(|| binlog::came_to_nothing(&place))?;
    let digest = binlog::digest(&images)?;
    // What is shown now is what is filed later, whatever happens until then.
    let until = until.unwrap_or_else(|| last(&logged).map_or(now, |last| last.max(now)));
    let new = NewRestore {
        person: caller.person.id,
        group: found.id,
        database: body.database.clone(),
        table: logged.layout.table.clone(),
        from,
        until,
        reason,
        digest,
    };
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let id = restore::insert(&mut tx, &new, (now, now - KEPT)).await?;
    let count = Counts::of(&images.rows);
    let detail = json!({ "service_group": found.group.name, "database": new.database, "table": new.table, "from": from, "until": until });
    let read = Decision::new(What::RowsRead, SubjectKind::Restore, id.to_string(), detail, now);
    tx.decided(read.of_bytes(&new.digest));
    let view = RestoreView {
        id,
        service_group: found.group.name,
        database: new.database,
        table: new.table,
        from,
        until,
        deleted: count.deleted,
        changed: count.changed,
        inserted: count.inserted,
        transactions: logged.transactions.iter().take(SHOWN).map(|one| shown(one, &images)).collect(),
        more: logged.transactions.len().saturating_sub(SHOWN) as u64,
    };
    once.keep(&mut tx, &view).await?;
    desk.commit(tx).await?;
    Ok(view)
}

fn last(logged: &Logged) -> Option<Time> {
    let last = logged.transactions.iter().map(|one| one.at).max()?;
    DateTime::from_timestamp(i64::from(last), 0)
}

fn not_past(zone: chrono_tz::Tz) -> Refusal {
    invalid(said!(
        "The times must have been, the earlier one first: `from` at last now, `until` after it. A time without a zone is meant in {zone}.",
        "时间必须是过去的，并且 `from` 不晚于 `until`。不带时区的时间按 {zone} 理解。"
    ))
}

fn shown(one: &Transaction, images: &Images) -> RestoreTransaction {
    let count = Counts::of(&one.rows);
    let layout: &Layout = &images.layout;
    RestoreTransaction {
        at: DateTime::from_timestamp(i64::from(one.at), 0).unwrap_or_default(),
        gtid: one.gtid.clone(),
        connection: one.thread,
        account: one.who.clone(),
        statement: one.statement.clone(),
        deleted: count.deleted,
        changed: count.changed,
        inserted: count.inserted,
        rows: one
            .rows
            .iter()
            .take(ROWS)
            .filter_map(|row| row.any())
            .map(|row| key_shown(layout, row))
            .collect(),
    }
}

/// How many rows there are of each kind.
#[derive(Default)]
struct Counts {
    deleted: u64,
    changed: u64,
    inserted: u64,
}

impl Counts {
    fn of(rows: &[Row]) -> Self {
        let mut counts = Self::default();
        for row in rows {
            match (&row.before, &row.after) {
                (Some(_), None) => counts.deleted += 1,
                (None, _) => counts.inserted += 1,
                (Some(_), Some(_)) => counts.changed += 1,
            }
        }
        counts
    }
}
