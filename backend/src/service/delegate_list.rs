//! Who stands in for whom.

use super::{Caller, Failure};
use crate::desk::Desk;
use dbdesk_commands::wire::{
    delegation::{DelegationPage, DelegationView},
    person::Role,
};
use dbdesk_store::{
    delegation::{self, DelegationRow},
    person::{self, Person},
};
use std::collections::BTreeSet;

/// The caller's on either side; an admin's are all.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<DelegationPage, Failure> {
    let who = &caller.person;
    let of = (!who.roles.contains(&Role::Admin)).then_some(who.id);
    let rows = delegation::open(&desk.store, of, desk.clock.now()).await?;
    Ok(DelegationPage { delegations: named(desk, rows).await? })
}

/// With their people.
pub(super) async fn named(desk: &Desk, rows: Vec<DelegationRow>) -> Result<Vec<DelegationView>, Failure> {
    let ids: BTreeSet<_> =
        rows.iter().flat_map(|row| [row.delegation.person, row.delegation.to, row.delegation.by]).collect();
    let people = person::by_ids(&desk.store, &ids).await?;
    let of = |id| people.iter().find(|person| person.id == id);
    rows.into_iter()
        .map(|row| {
            let named = [row.delegation.person, row.delegation.to, row.delegation.by].map(of);
            let [Some(person), Some(to), Some(by)] = named else {
                return Err(anyhow::anyhow!("one of the people of {} is gone", row.id).into());
            };
            Ok(view(row, [person, to, by]))
        })
        .collect()
}

/// With the one who is away, the one who stands in, and the one who said so.
pub(super) fn view(row: DelegationRow, [person, to, by]: [&Person; 3]) -> DelegationView {
    DelegationView {
        id: row.id,
        person: person.view(),
        to: to.view(),
        from: row.delegation.from,
        until: row.delegation.until,
        reason: row.delegation.reason,
        by: by.view(),
        ended_at: row.ended_at,
        lacks: person.roles.iter().filter(|role| !to.roles.contains(role)).copied().collect(),
    }
}
