//! What the servers of a service group have beside what tickets granted: read once a day from each instance. Where they differ, a repair ticket
//! is filed, which a DBA approves. Done by control.

use super::{
    Failure,
    asking::{AskFiling, dialect, file_ask},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{
    AccountName,
    ask::Ask,
    drift::{Drift, differences},
};
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
/// Accounts that one repair ticket names.
const NAMED: usize = 200;
/// In whose name the desk files what it found by itself.
pub const DESK: &str = "dbdesk";

/// Looks at the groups whose turn it is; gives the tickets that were filed.
pub async fn look_all(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let before = now - TimeDelta::hours(i64::from(desk.config.account.look_hours));
    let mut filed = Vec::new();
    for group in account_drift::due(&desk.store, before, BATCH).await? {
        let Some(group) = service_group::by_id(&desk.store, group).await? else { continue };
        if desk.config.target.account_account(&group.group.name).is_none() {
            account_drift::put(&desk.store, group.id, &Looked::default(), now).await?;
            continue;
        }
        match look(desk, &group).await {
            Ok(ticket) => filed.extend(ticket),
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::warn!(group = %group.group.name, %error, "the accounts of a group can not be looked at");
                let looked = Looked { problem: Some(error.to_string()), ..Looked::default() };
                account_drift::put(&desk.store, group.id, &looked, now).await?;
            }
        }
    }
    Ok(filed)
}

/// Looks at one group.
pub async fn look(desk: &Desk, group: &GroupRow) -> Result<Option<TicketId>, Failure> {
    let now = desk.clock.now();
    let found = found(desk, group).await?;
    let before = account_drift::get(&desk.store, group.id).await?.and_then(|looked| looked.ticket);
    let open = match before {
        Some(ticket) => ticket::get(&desk.store, ticket)
            .await?
            .filter(|ticket| !ticket.now.state.is_final())
            .map(|ticket| ticket.id),
        None => None,
    };
    let mut looked = Looked { ticket: open.or(before), ..Looked::default() };
    if found.lines.is_empty() {
        account_drift::put(&desk.store, group.id, &looked, now).await?;
        return Ok(None);
    }
    looked.differences = Some(serde_json::to_string(&found.lines).map_err(anyhow::Error::from)?);
    tracing::warn!(group = %group.group.name, differences = found.lines.len(), "accounts differ from what tickets granted");
    // A repair runs on the primary; what differs on a replica alone is told.
    if open.is_some() || found.names.is_empty() {
        account_drift::put(&desk.store, group.id, &looked, now).await?;
        return Ok(None);
    }
    let filed = file(desk, group, found, now).await?;
    looked.ticket = Some(filed);
    account_drift::put(&desk.store, group.id, &looked, now).await?;
    Ok(Some(filed))
}

/// What differs.
#[derive(Default)]
struct Found {
    /// Accounts on the primary.
    names: BTreeSet<AccountName>,
    /// In sentences.
    lines: Vec<String>,
}

async fn found(desk: &Desk, group: &GroupRow) -> Result<Found, Failure> {
    let user = desk.config.target.account_account(&group.group.name);
    let user = user.ok_or_else(|| anyhow::anyhow!("there is no account for {}", group.group.name))?;
    let rows = account::of_group(&desk.store, group.id).await?;
    let ignored = desk.config.account.ignored();
    let mut found = Found::default();
    let mut seen: BTreeMap<String, BTreeSet<AccountName>> = BTreeMap::new();
    for instance in &group.group.instances {
        let is_primary = Some(instance) == group.group.primary();
        let server = user.options(&instance.host, instance.port);
        let mut accounts = match Accounts::open(&server, CONNECT).await {
            Ok(accounts) => accounts,
            Err(error) if is_primary => return Err(anyhow::anyhow!("{instance}: {error}").into()),
            Err(error) => {
                tracing::warn!(%instance, %error, "the accounts of a replica can not be read");
                continue;
            }
        };
        let dialect = accounts.dialect();
        let live = accounts.all(READ).await.map_err(|error| anyhow::anyhow!("{instance}: {error}"))?;
        accounts.close().await;
        let wanted: Vec<_> = rows.iter().filter_map(|row| expected(row, dialect)).flatten().collect();
        for Drift { account, what } in differences(&wanted, &live, &ignored, dialect) {
            let told = format!("{account}: {}", Drift { account: account.clone(), what }.said().en);
            // What the primary has, its replicas have from there.
            let known = !seen.entry(told.clone()).or_default().insert(account.clone());
            if is_primary {
                found.names.insert(account);
                found.lines.push(told);
            } else if !known {
                found.lines.push(format!("{told} (on {instance} only)"));
            }
        }
    }
    found.lines.truncate(NAMED);
    let names: Vec<AccountName> = found.names.into_iter().take(NAMED).collect();
    found.names = names.into_iter().collect();
    Ok(found)
}

async fn file(desk: &Desk, group: &GroupRow, found: Found, now: Time) -> Result<TicketId, Failure> {
    dialect(&group.group)?;
    let mut tx = begin(&desk.store).await?;
    let desk_itself = person::the_desk(&mut tx, DESK, now).await?;
    let ask = Ask::Repair { accounts: found.names.into_iter().collect(), found: found.lines };
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
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    desk.changed(filed.id);
    Ok(filed.id)
}
