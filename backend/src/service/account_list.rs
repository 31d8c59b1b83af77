//! Accounts, newest first: one's own, one's team's, and those of the service groups whose DBA one is.

use super::{Caller, Failure, reviewing::any_group, standing};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::{Dialect, Reach, ask::Account};
use dbdesk_commands::{
    id::AccountId,
    wire::{
        account::{AccountPage, AccountState, AccountView, RevokedView},
        person::PersonView,
    },
};
use dbdesk_review::Flavour;
use dbdesk_store::{
    account::{self, AccountRow, Filter},
    person,
    service_group::{self, GroupRow},
};
use std::collections::BTreeMap;

/// The most of one page.
pub const MOST: u32 = 50;

/// Which ones are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// The caller's own only.
    pub mine: bool,
    /// Of this service group only.
    pub service_group: Option<String>,
    /// Also those that are gone.
    pub gone: bool,
    /// Whose user or number begins so only.
    pub prefix: Option<String>,
    /// Older than this one only.
    pub before: Option<AccountId>,
    /// At most so many.
    pub limit: u32,
}

/// Lists them.
pub async fn list(desk: &Desk, caller: &Caller, which: Which) -> Result<AccountPage, Failure> {
    let group = match &which.service_group {
        Some(name) => Some(any_group(desk, caller.within(), name).await?.id),
        None => None,
    };
    let limit = which.limit.clamp(1, MOST);
    let filter = Filter {
        sight: Some(standing::sight(desk, caller).await?),
        within: caller.within().clone(),
        owner: which.mine.then_some(caller.person.id),
        group,
        gone: which.gone,
        prefix: which.prefix.filter(|prefix| !prefix.is_empty()),
        before: which.before,
        limit: limit + 1,
    };
    let mut rows = account::page(&desk.store, &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_before = rows.last().map(|row| row.id).filter(|_| more);
    Ok(AccountPage { accounts: views(desk, rows).await?, next_before })
}

async fn views(desk: &Desk, rows: Vec<AccountRow>) -> Result<Vec<AccountView>, Failure> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
    let revoked = account::revoked(&desk.store, &ids).await?;
    let whose = rows.iter().map(|row| row.owner).chain(revoked.values().map(|(_, by)| *by)).collect();
    let people = person::views(&desk.store, &whose).await?;
    let kept = TimeDelta::days(i64::from(desk.config.account.drop_after_days));
    let groups = service_group::by_ids(&desk.store, &rows.iter().map(|row| row.group).collect()).await?;
    let groups: BTreeMap<_, GroupRow> = groups.into_iter().map(|group| (group.id, group)).collect();
    let view = |row: AccountRow| {
        let account: Account = serde_json::from_str(&row.spec).ok()?;
        let group = &groups.get(&row.group)?.group;
        let dialect = Dialect::of(Flavour::of_name(&group.flavour)?);
        let names = account.names(account.generation, dialect).ok()?;
        let owner = people.get(&row.owner).cloned();
        Some(AccountView {
            id: row.id,
            user: names.first().map_or_else(|| row.user.clone(), |name| name.user.clone()),
            hosts: account.hosts.iter().map(ToString::to_string).collect(),
            service_group: group.name.clone(),
            database: row.database,
            level: account.privileges.level.word().to_owned(),
            tables: match &account.privileges.reach {
                Reach::Database => Vec::new(),
                Reach::Tables(tables) => tables.iter().map(ToString::to_string).collect(),
            },
            application: row.application,
            owner: owner.unwrap_or_else(|| PersonView {
                id: row.owner,
                name: row.owner.to_string(),
                discord_id: None,
            }),
            state: row.state,
            expires_at: row.expires_at,
            old_until: row.old_until,
            ticket: row.ticket,
            revoked: revoked.get(&row.id).map(|(ticket, by)| RevokedView {
                ticket: *ticket,
                by: people.get(by).cloned(),
                at: row.ended_at,
            }),
            removed_at: row.ended_at.filter(|_| row.state == AccountState::Locked).map(|at| at + kept),
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}
