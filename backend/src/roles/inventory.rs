//! `dbdesk inventory load FILE`: service groups, instances, databases, quiet windows and sharded tables, as the file says.
//! Loading the same file again changes nothing.

use super::{machine, migrate};
use crate::config::Config;
use anyhow::{Context as _, Result, bail};
use dbdesk_cmdb::{
    Within,
    inventory::{self, Inventory},
};
use dbdesk_commands::{
    clock::Time,
    lang::Lang,
    wire::{
        audit::{SubjectKind, What},
        person::Role,
    },
};
use dbdesk_review::Flavour;
use dbdesk_store::{
    Pool,
    audit::Decision,
    begin_as, commit,
    group_history::Change,
    host,
    service_group::{self, GroupRow, Put},
    sharded_table,
};
use dbdesk_ticket::people::Groups;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, path::Path};

/// Why this group of approvers can not be the DBAs of a service group. It has to ask for the role: what a ticket of another group changes
/// there is approved by whoever is in it.
fn no_dbas(approvers: &Groups, dbas: &str) -> Option<String> {
    match approvers.0.get(dbas) {
        None => Some(format!(
            "there is no group of approvers “{dbas}”, so that it would have no DBA; write [policy.approvers.{dbas}] in the configuration \
             first"
        )),
        Some(group) if group.role != Some(Role::Dba) => Some(format!(
            "the group of approvers “{dbas}” does not ask for the role, so that people who are no DBA would approve here what tickets of \
             other groups change; write role = \"dba\" in [policy.approvers.{dbas}] first"
        )),
        Some(_) => None,
    }
}

/// Loads it, and says what changed.
pub async fn load(config: Config, file: &Path, lang: Lang) -> Result<()> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} can not be read"))?;
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    let mut tx = begin_as(&store, machine::shell()).await?;
    service_group::only_loader(&mut tx).await?;
    let rows = service_group::all(&store, &Within::All).await?;
    let before = known(&store, &rows).await?;
    let found = inventory::read_beside(&text, &before).map_err(|faults| {
        let told: Vec<_> = faults.iter().map(|said| format!("  {}", said.in_lang(lang))).collect();
        anyhow::anyhow!("{shown}:\n{}", told.join("\n"))
    })?;
    for group in &found.groups {
        if Flavour::of_name(&group.flavour).is_none() {
            let (name, flavour) = (&group.name, &group.flavour);
            bail!("{shown}: “{name}”: the flavour “{flavour}” is not known; known are {}", Flavour::NAMES);
        }
        if let Some(fault) = group.dbas.as_deref().and_then(|dbas| no_dbas(&config.policy.approvers, dbas)) {
            bail!("{shown}: “{}”: {fault}", group.name);
        }
    }
    let at = machine::clock().now();
    let mut told = Vec::new();
    let why = format!("inventory load {shown}");
    for group in &found.groups {
        let seen = rows.iter().find(|row| row.group.name == group.name).map(|row| row.version);
        let change = Change { seen, ticket: None, why: &why };
        let put = service_group::put(&mut tx, group, &change, at).await.with_context(|| {
            format!(
                "“{}” can not be kept; does one of its instances belong to another group, or did somebody change it just now?",
                group.name
            )
        })?;
        told.push((group.name.clone(), put));
        if let Some(decision) = decided(SubjectKind::Group, &group.name, put, &text, at) {
            tx.decided(decision);
        }
    }
    let hosts: BTreeMap<String, u64> =
        host::all(&mut *tx).await?.into_iter().map(|row| (row.host.name, row.version)).collect();
    for one in &found.hosts {
        let change = Change { seen: hosts.get(&one.name).copied(), ticket: None, why: &why };
        let put = host::put(&mut tx, one, &change, at).await.with_context(|| {
            format!("the host “{}” can not be kept; did somebody change it just now?", one.name)
        })?;
        told.push((named_host(&one.name), put));
        if let Some(decision) = decided(SubjectKind::Host, &one.name, put, &text, at) {
            tx.decided(decision);
        }
    }
    for table in &found.sharded_tables {
        let put = sharded_table::put(&mut tx, table, at).await?;
        told.push((sharded(&table.name), put));
        if let Some(decision) = decided(SubjectKind::ShardedTable, &table.name, put, &text, at) {
            tx.decided(decision);
        }
    }
    commit(tx).await?;
    for (name, put) in &told {
        let word = match put {
            Put::Added => "added",
            Put::Changed => "changed",
            Put::Same => "as it was",
        };
        println!("{name}: {word}");
    }
    let groups = before.groups.iter().map(|group| group.name.clone());
    let tables = before.sharded_tables.iter().map(|table| sharded(&table.name));
    let hosts = hosts.keys().map(|name| named_host(name));
    for name in groups.chain(tables).chain(hosts) {
        if told.iter().all(|(known, _)| *known != name) {
            println!("{name}: not in this file, left as it was");
        }
    }
    Ok(())
}

/// For the audit log, with the hash of the whole file; nothing where nothing changed.
fn decided(kind: SubjectKind, name: &str, put: Put, text: &str, at: Time) -> Option<Decision> {
    let word = match put {
        Put::Added => "added",
        Put::Changed => "changed",
        Put::Same => return None,
    };
    let decision = Decision::new(What::InventoryLoaded, kind, name, json!({ "did": word }), at);
    Some(decision.of_bytes(hex::encode(Sha256::digest(text.as_bytes()))))
}

/// What was loaded before.
async fn known(store: &Pool, rows: &[GroupRow]) -> Result<Inventory> {
    let groups = rows.iter().map(|row| row.group.clone()).collect();
    Ok(Inventory { groups, sharded_tables: sharded_table::all(store).await?, hosts: Vec::new() })
}

/// A sharded table as it is told beside groups, of which one may have the same name.
fn named_host(name: &str) -> String {
    format!("host {name}")
}

fn sharded(name: &str) -> String {
    format!("sharded table {name}")
}
