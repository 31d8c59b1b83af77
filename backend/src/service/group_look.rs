//! What a service group's servers say beside what the inventory says, looked at all the time. What differs at two looks one after the other is
//! told once in the alerts channel, with buttons that file what mends it. Done by control.

use super::{Failure, noticing, reviewing::options};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_cmdb::{
    GroupStage, Instance, InstanceState, ServiceGroup,
    drift::{self, Difference, Seen},
};
use dbdesk_commands::{
    clock::Time,
    lang::Lang,
    wire::notice::{NoticeChannel, NoticeContent, NoticeVerb},
};
use dbdesk_components::mysql::{OpenError, probe};
use dbdesk_store::{
    Tx, begin,
    group_look::{self, Looked},
    notice, service_group,
    service_group::GroupRow,
};
use futures_util::{StreamExt as _, stream};
use std::time::Duration;

/// One server may take so long to connect, and again to answer.
const LIMIT: Duration = Duration::from_millis(1_500);
/// Servers of one group asked at the same time.
const AT_ONCE: usize = 16;
/// Groups taken at a time.
const BATCH: u32 = 64;
/// Differences of one group that are told.
const TOLD: usize = 20;

/// Looks at the groups whose turn it is, many at once; gives how many there were.
pub async fn look_all(desk: &Desk) -> Result<usize, Failure> {
    let again = TimeDelta::seconds(i64::from(desk.config.inventory.look_s));
    let ids = group_look::take(&desk.store, desk.clock.now(), again, BATCH).await?;
    let groups = service_group::by_ids(&desk.store, &ids.iter().copied().collect()).await?;
    let mut all = Vec::with_capacity(groups.len());
    for group in &groups {
        all.push(look(desk, group));
    }
    let mut looks = stream::iter(all).buffer_unordered(desk.config.inventory.looks_at_once.max(1));
    let mut failed = None;
    while let Some(looked) = looks.next().await {
        failed = looked.err().or(failed);
    }
    failed.map_or(Ok(groups.len()), Err)
}

/// Looks at one group.
pub async fn look(desk: &Desk, row: &GroupRow) -> Result<(), Failure> {
    // What is built or was taken away is not compared; what was told of it before is settled.
    let is_compared = row.group.stage == GroupStage::InService;
    let seen = if is_compared { seen(desk, &row.group).await } else { Vec::new() };
    let found = if is_compared { drift::differences(&row.group, &seen) } else { Vec::new() };
    let before = group_look::get(&desk.store, row.id).await?;
    if found.is_empty() && before.differences.is_none() && before.notice.is_none() {
        return Ok(());
    }
    // Who does not answer differs in nothing, and has mended nothing.
    let all_answer = seen.iter().all(|one| one.live.is_some());
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let mut looked = group_look::lock(&mut tx, row.id, now).await?;
    // Over this transaction's own connection: many looks that each waited for a second one would wait for one another.
    let newest = service_group::version(&mut *tx, row.id).await?;
    if newest != Some(row.version) || (found.is_empty() && !all_answer) {
        return Ok(());
    }
    let is_told = settle(desk, &mut tx, row, (&mut looked, found), now).await?;
    group_look::put(&mut tx, row.id, &looked).await?;
    desk.commit(tx).await?;
    if is_told {
        desk.bell.ring();
    }
    Ok(())
}

/// Brings what is known, and the notice, to what was found. Whether the notice changed.
async fn settle(
    desk: &Desk,
    tx: &mut Tx,
    row: &GroupRow,
    (looked, found): (&mut Looked, Vec<Difference>),
    now: Time,
) -> Result<bool, Failure> {
    if found.is_empty() {
        looked.differences = None;
        let Some(told) = looked.notice.take() else { return Ok(false) };
        let content = notice::lock(tx, told).await?;
        if let Some(NoticeContent::Drift { service_group, differences, since, dbas, ticket, .. }) = content {
            let mended_at = Some(now);
            let content = NoticeContent::Drift { service_group, differences, since, dbas, ticket, mended_at };
            notice::change(tx, told, &content, now).await?;
            notice::settle(tx, told, now).await?;
        }
        tracing::info!(group = %row.group.name, "servers and inventory are the same again");
        return Ok(true);
    }
    let json = serde_json::to_string(&found).map_err(anyhow::Error::from)?;
    let is_same = looked.differences.as_ref() == Some(&json);
    if !is_same {
        looked.looked_at = Some(now);
    }
    looked.differences = Some(json);
    match looked.notice {
        // It may pass by itself: a moment between two steps of somebody's work.
        None if !is_same => Ok(false),
        None => {
            let content = content(desk, tx, row, &found, looked.looked_at.unwrap_or(now)).await?;
            let buttons = noticing::buttons(desk, &NoticeVerb::OF_DRIFT)?;
            looked.notice = Some(
                notice::insert(tx, (NoticeChannel::Alerts, Lang::default()), &content, &buttons, now).await?,
            );
            tracing::warn!(group = %row.group.name, differences = found.len(), "servers differ from the inventory");
            Ok(true)
        }
        Some(_) if is_same => Ok(false),
        Some(told) => {
            if let Some(NoticeContent::Drift { since, ticket: of, .. }) = notice::lock(tx, told).await? {
                let mut content = content(desk, tx, row, &found, since).await?;
                if let NoticeContent::Drift { ticket, .. } = &mut content {
                    *ticket = of;
                }
                notice::change(tx, told, &content, now).await?;
            }
            Ok(true)
        }
    }
}

async fn content(
    desk: &Desk,
    tx: &mut Tx,
    row: &GroupRow,
    found: &[Difference],
    since: Time,
) -> Result<NoticeContent, Failure> {
    Ok(NoticeContent::Drift {
        service_group: row.group.name.clone(),
        differences: found.iter().take(TOLD).map(Difference::said).collect(),
        since,
        dbas: noticing::dbas(desk, &mut **tx, &row.group).await?,
        ticket: None,
        mended_at: None,
    })
}

/// What each server says now, in the order of the inventory.
pub(super) async fn seen(desk: &Desk, group: &ServiceGroup) -> Vec<Seen> {
    let primary = group.primary();
    let instances: Vec<Instance> =
        group.instances.iter().filter(|one| one.state != InstanceState::Building).cloned().collect();
    let asked = instances.into_iter().map(|instance| {
        let (server, is_primary) = (options(desk, group, &instance), Some(&instance) == primary);
        async move {
            let said: Result<_, OpenError> = if is_primary {
                probe::with_databases(&server, LIMIT).await.map(|(live, databases)| (live, Some(databases)))
            } else {
                probe::instance(&server, LIMIT).await.map(|live| (live, None))
            };
            let (host, port) = (instance.host, instance.port);
            match said {
                Ok((live, databases)) => Seen { host, port, live: Some(live), unreachable: None, databases },
                Err(error) => {
                    Seen { host, port, live: None, unreachable: Some(error.to_string()), databases: None }
                }
            }
        }
    });
    // What a stream borrows must be owned by each future alone.
    let asked: Vec<_> = asked.collect();
    stream::iter(asked).buffered(AT_ONCE).collect().await
}
