//! Every version that a service group had: who changed what, when and why; and what it was at a time.

use super::{
    Failure,
    refuse::{invalid, quoted},
    reviewing::any_group,
};
use crate::desk::Desk;
use chrono::{DateTime, Utc};
use dbdesk_cluster::ask::{changes, written};
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    clock::Time,
    lang::said,
    wire::{
        group::{GroupHistory, GroupVersion},
        problem::Refusal,
    },
};
use dbdesk_store::{
    group_history::{self, Version},
    person,
};

/// Most versions of one answer.
const MOST: u32 = 20;

/// Which versions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// Only older than this one.
    pub before: Option<u64>,
    /// Only the one that it was at this time.
    pub at: Option<Time>,
}

impl Wanted {
    /// As it was asked.
    pub fn read(before: Option<u64>, at: Option<&str>) -> Result<Self, Refusal> {
        let at = at.map(str::trim).filter(|at| !at.is_empty());
        let at = at.map(|text| DateTime::parse_from_rfc3339(text).map_err(|_| no_time(text))).transpose()?;
        Ok(Self { before, at: at.map(|at| at.with_timezone(&Utc)) })
    }
}

fn no_time(text: &str) -> Refusal {
    invalid(said!(
        "I do not understand “{text}” as a time. Write it whole and with its zone, such as `2026-11-28T09:00:00Z`.",
        "看不懂时间“{text}”。请写完整并带时区，例如 `2026-11-28T09:00:00Z`。",
        text = quoted(text)
    ))
}

/// The newest first.
pub async fn history(
    desk: &Desk,
    within: &Within,
    name: &str,
    wanted: Wanted,
) -> Result<GroupHistory, Failure> {
    let id = any_group(desk, within, name).await?.id;
    let store = &desk.store;
    let rows = match wanted.at {
        None => group_history::page(store, id, wanted.before, MOST + 1).await?,
        Some(at) => match group_history::as_of(store, id, at).await? {
            None => Vec::new(),
            // With the one before, which shows what was changed.
            Some(was) => group_history::page(store, id, Some(was.version + 1), 2).await?,
        },
    };
    let shown = if wanted.at.is_some() { 1 } else { MOST as usize };
    let people = rows.iter().filter_map(|row| row.person).collect();
    let people = person::views(store, &people).await?;
    let view = |(at, row): (usize, &Version)| GroupVersion {
        version: row.version,
        at: row.at,
        person: row.person.and_then(|id| people.get(&id).cloned()),
        actor: row.actor.clone(),
        ticket: row.ticket,
        why: row.why.clone(),
        changes: rows.get(at + 1).map(|before| changes(&before.group, &row.group)),
        spec: written(&row.group),
    };
    let versions = rows.iter().enumerate().take(shown).map(view).collect();
    let more = rows.len() > shown && wanted.at.is_none();
    Ok(GroupHistory { versions, more })
}
