//! Groups whose inventory says that they are backed up have a ticket filed every day at their time, in the desk's own name. It takes nothing away
//! and is felt by nobody: nobody is asked. Done by control.

use super::{Failure, clustering};
use crate::desk::Desk;
use dbdesk_cluster::{
    Ask,
    plan::{Subject, backup},
};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::{Lang, Said},
};
use dbdesk_store::{
    begin, cluster_backup, host, person,
    service_group::{self, GroupRow},
    ticket,
};

/// Groups that are seen to in one go.
const BATCH: u32 = 20;

/// Files what is due; gives the tickets.
pub async fn file_due(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let mut filed = Vec::new();
    for (group, was, last) in cluster_backup::due(&desk.store, now, BATCH).await? {
        match one(desk, (group, was, last), now).await {
            Ok(ticket) => filed.extend(ticket),
            // The others have theirs.
            Err(error) => tracing::error!(%group, ?error, "no backup could be asked for"),
        }
    }
    Ok(filed)
}

async fn one(
    desk: &Desk,
    (id, was, last): (GroupId, Option<Time>, Option<TicketId>),
    now: Time,
) -> Result<Option<TicketId>, Failure> {
    let Some(row) = service_group::by_id(&desk.store, id).await? else { return Ok(None) };
    let Some(plan) = &row.group.backup else { return Ok(None) };
    let next = plan.next(row.group.time_zone, now);
    let mut tx = begin(&desk.store).await?;
    if !cluster_backup::next(&mut tx, id, (was, next)).await? {
        return Ok(None);
    }
    let goes_on = match last {
        Some(last) => ticket::get(&desk.store, last).await?.is_some_and(|last| !last.now.state.is_final()),
        None => false,
    };
    if was.is_none() || goes_on {
        if goes_on {
            tracing::warn!(group = %row.group.name, "the backup before has not ended; this one is left out");
        }
        desk.commit(tx).await?;
        return Ok(None);
    }
    let ask = match asked(desk, &row).await? {
        Ok(ask) => ask,
        Err(why) => {
            tracing::error!(group = %row.group.name, %why, "a backup can not be planned");
            desk.commit(tx).await?;
            return Ok(None);
        }
    };
    let by = person::the_desk(&mut tx, now).await?;
    let reason = Said::fixed("The daily backup", "每日备份");
    let filed = clustering::file_for_desk(desk, &mut tx, (&by, &row), (&ask, reason, Lang::En), now).await?;
    cluster_backup::filed(&mut tx, id, filed.id).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    desk.changed(filed.id);
    Ok(Some(filed.id))
}

/// The work, or why it can not be planned.
async fn asked(desk: &Desk, row: &GroupRow) -> Result<Result<Ask, String>, Failure> {
    let names = super::planning::names_of_hosts(&row.group);
    let keeper = row.group.backup.as_ref().map(|plan| plan.on.as_str());
    let names: Vec<&str> = names.into_iter().chain(keeper).collect();
    let hosts = host::among(&desk.store, &names).await?;
    let hosts: Vec<_> = hosts.into_iter().map(|row| row.host).collect();
    let planned = backup::backup(&Subject { group: &row.group, seen: row.version, hosts: &hosts });
    Ok(planned.map(|workflow| Ask::Workflow(Box::new(workflow))).map_err(|faults| {
        let all: Vec<&str> = faults.iter().map(|fault| fault.en.as_ref()).collect();
        all.join(" ")
    }))
}
