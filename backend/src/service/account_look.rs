//! What the servers of a service group have beside what tickets granted: read once a day from each instance. Where they differ, a repair ticket
//! is filed, which a DBA approves. Done by control.

use super::{
    Failure,
    asking::{AskFiling, dialect, file_ask},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{
    AccountName, Dialect,
    ask::Ask,
    drift::{Drift, differences},
    shown::Live,
};
use dbdesk_cmdb::GroupStage;
use dbdesk_commands::{clock::Time, id::TicketId, lang::Lang};
use dbdesk_components::mysql::accounts::Accounts;
use dbdesk_executor::run::expected;
use dbdesk_store::{
    account,
    account_drift::{self, Looked},
    begin, person,
    service_group::{self, GroupRow},
    ticket,
};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// One server may take so long to be connected to, and for each small question.
const CONNECT: Duration = Duration::from_secs(5);
/// And so long for all its accounts.
const READ: Duration = Duration::from_mins(1);
/// Groups that one round looks at.
const BATCH: u32 = 5;
/// Lines that one repair ticket shows, and that are kept of what differs.
const LINES: usize = 200;
/// One that could not be looked at is looked at again after so long.
const FAILED_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Looks at the groups whose turn it is; gives the tickets that were filed.
pub async fn look_all(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let before = now - TimeDelta::hours(i64::from(desk.config.account.look_hours));
    let failed_before = now - FAILED_AGAIN;
    let mut filed = Vec::new();
    for group in account_drift::due(&desk.store, (before, failed_before), BATCH).await? {
        let Some(group) = service_group::by_id(&desk.store, group).await? else { continue };
        let rests = group.group.stage != GroupStage::InService;
        if rests || desk.config.target.account_account(&group.group.name).is_none() {
            account_drift::put(&desk.store, group.id, &nothing(desk, &group).await?, now).await?;
            continue;
        }
        match look(desk, &group).await {
            Ok(ticket) => filed.extend(ticket),
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::warn!(group = %group.group.name, %error, "the accounts of a group can not be looked at");
                let looked = Looked { problem: Some(error.to_string()), ..nothing(desk, &group).await? };
                account_drift::put(&desk.store, group.id, &looked, now).await?;
            }
        }
    }
    Ok(filed)
}

/// Nothing that differs; the repair that was filed last stays known, so that it is not filed beside itself.
async fn nothing(desk: &Desk, group: &GroupRow) -> Result<Looked, Failure> {
    let before = account_drift::get(&desk.store, group.id).await?;
    Ok(Looked { ticket: before.and_then(|looked| looked.ticket), ..Looked::default() })
}

/// Looks at one group.
pub async fn look(desk: &Desk, group: &GroupRow) -> Result<Option<TicketId>, Failure> {
    let now = desk.clock.now();
    let found = found(desk, group).await?;
    let mut looked = nothing(desk, group).await?;
    let lines: Vec<&String> = found.primary.values().flatten().chain(&found.replicas).collect();
    if lines.is_empty() {
        account_drift::put(&desk.store, group.id, &looked, now).await?;
        return Ok(None);
    }
    tracing::warn!(group = %group.group.name, differences = lines.len(), "accounts differ from what tickets granted");
    let kept = &lines[..lines.len().min(LINES)];
    looked.differences = Some(serde_json::to_string(kept).map_err(anyhow::Error::from)?);
    let is_open = match looked.ticket {
        Some(before) => {
            ticket::get(&desk.store, before).await?.is_some_and(|ticket| !ticket.now.state.is_final())
        }
        None => false,
    };
    // A repair runs on the primary; what differs on a replica alone is told.
    if is_open || found.primary.is_empty() {
        account_drift::put(&desk.store, group.id, &looked, now).await?;
        return Ok(None);
    }
    Ok(Some(file(desk, group, (found.primary, looked), now).await?))
}

/// What differs, in sentences.
#[derive(Default)]
struct Found {
    /// On the primary, by account.
    primary: BTreeMap<AccountName, Vec<String>>,
    /// On replicas, and not on the primary.
    replicas: Vec<String>,
}

async fn found(desk: &Desk, group: &GroupRow) -> Result<Found, Failure> {
    let user = desk.config.target.account_account(&group.group.name);
    let user = user.ok_or_else(|| anyhow::anyhow!("there is no account for {}", group.group.name))?;
    let rows = account::of_group(&desk.store, group.id).await?;
    let ignored = desk.config.account.ignored().and(desk.config.target.users());
    let mut found = Found::default();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    // The primary first: what it has, its replicas have from there.
    let mut instances: Vec<_> = group.group.instances.iter().collect();
    instances.sort_by_key(|instance| Some(*instance) != group.group.primary());
    for instance in instances {
        let is_primary = Some(instance) == group.group.primary();
        let (dialect, live) = match read(&user.options(&instance.host, instance.port)).await {
            Ok(read) => read,
            Err(error) if is_primary => return Err(anyhow::anyhow!("{instance}: {error}").into()),
            Err(error) => {
                tracing::warn!(%instance, %error, "the accounts of a replica can not be read");
                continue;
            }
        };
        let wanted: Vec<_> = rows.iter().filter_map(|row| expected(row, dialect)).flatten().collect();
        for Drift { account, what } in differences(&wanted, &live, &ignored, dialect) {
            let told = format!("{account}: {}", Drift { account: account.clone(), what }.said().en);
            let is_new = seen.insert(told.clone());
            if is_primary {
                found.primary.entry(account).or_default().push(told);
            } else if is_new {
                found.replicas.push(format!("{told} (on {instance} only)"));
            }
        }
    }
    Ok(found)
}

/// All accounts of one server.
async fn read(server: &MySqlConnectOptions) -> anyhow::Result<(Dialect, Vec<Live>)> {
    let mut accounts = Accounts::open(server, CONNECT).await?;
    let live = accounts.all(READ).await?;
    let dialect = accounts.dialect();
    accounts.close().await;
    Ok((dialect, live))
}

/// Accounts in order, each with all its lines, while they are at most [`LINES`] together; and how many are left for another ticket. What is
/// approved shows all that is touched.
fn shown(primary: BTreeMap<AccountName, Vec<String>>) -> (Vec<AccountName>, Vec<String>, usize) {
    let (mut names, mut lines) = (Vec::new(), Vec::new());
    let count = primary.len();
    for (name, of_name) in primary {
        // One that has more by itself is whole, too, and alone.
        if !names.is_empty() && lines.len() + of_name.len() > LINES {
            break;
        }
        names.push(name);
        lines.extend(of_name);
    }
    let left = count - names.len();
    (names, lines, left)
}

async fn file(
    desk: &Desk,
    group: &GroupRow,
    (primary, mut looked): (BTreeMap<AccountName, Vec<String>>, Looked),
    now: Time,
) -> Result<TicketId, Failure> {
    dialect(&group.group)?;
    let mut tx = begin(&desk.store).await?;
    let desk_itself = person::the_desk(&mut tx, now).await?;
    let (accounts, mut found, left) = shown(primary);
    if left > 0 {
        found.push(format!("{left} more accounts differ: they are for another ticket, after this one"));
    }
    let ask = Ask::Repair { accounts, found };
    let filing = AskFiling {
        group,
        database: group.group.databases.first().cloned().unwrap_or_default(),
        requester: &desk_itself,
        reason: "accounts differ from what tickets granted".to_owned(),
        lang: Lang::En,
        ask: &ask,
        is_free: false,
    };
    let filed = file_ask(desk, &mut tx, filing, now).await?;
    looked.ticket = Some(filed.id);
    account_drift::put(&mut *tx, group.id, &looked, now).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    desk.changed(filed.id);
    Ok(filed.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_approved_has_every_line_of_every_account_that_it_touches() {
        let lines = |name: &str, count: usize| -> (AccountName, Vec<String>) {
            (AccountName::new(name, "%"), (0..count).map(|nth| format!("{name}: {nth}")).collect())
        };
        let (names, told, left) = shown([lines("a", 150), lines("b", 50), lines("c", 1)].into());
        assert_eq!((names.len(), told.len(), left), (2, 200, 1));
        let (names, told, left) = shown([lines("a", 150), lines("b", 51), lines("c", 1)].into());
        assert_eq!((names.len(), told.len(), left), (1, 150, 2), "none is shown by half");
        let (names, told, left) = shown([lines("a", 300), lines("b", 1)].into());
        assert_eq!((names.len(), told.len(), left), (1, 300, 1));
    }
}
