//! `dbdesk policy check|explain`: what the policy that is written comes to with the people and service groups that there are.

use super::{machine, migrate};
use crate::{
    config::{Config, Policy},
    service::policy_explain,
};
use anyhow::Result;
use dbdesk_cmdb::Within;
use dbdesk_commands::{id::TicketId, wire::person::Role};
use dbdesk_store::{
    Pool,
    person::{self, Person},
    service_group::{self, GroupRow},
};
use dbdesk_ticket::people::{DBA, Groups};
use std::{fmt::Write as _, process::ExitCode};

/// People that are looked at.
const PEOPLE: u32 = 5_000;

async fn store(config: &Config) -> Result<Pool> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, config).await?;
    Ok(store)
}

/// Tries it; fails where a step can never be met.
pub async fn check(config: Config) -> Result<ExitCode> {
    let store = store(&config).await?;
    let people = person::with_roles(&store, PEOPLE).await?;
    let groups = service_group::all(&store, &Within::All).await?;
    let (told, faults) = tried(&config, &people, &groups);
    print!("{told}");
    for fault in &faults {
        eprintln!("FAULT {fault}");
    }
    if faults.is_empty() {
        println!("The policy can be met.");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What it comes to, and what can never be met.
fn tried(config: &Config, people: &[Person], groups: &[GroupRow]) -> (String, Vec<String>) {
    let (policy, mut told, mut faults) = (&config.policy, String::new(), Vec::new());
    for name in policy.approvers.0.keys() {
        let members = members(&policy.approvers, name, people);
        let _ = writeln!(told, "approvers {name}: {}", listed(&members));
    }
    for group in groups {
        let dbas = dbas(&policy.approvers, group, people);
        if dbas.is_empty() {
            let name = &group.group.name;
            faults.push(match &group.group.dbas {
                Some(of) => format!("service group {name}: nobody of “{of}” is a DBA, so that nobody can approve or steer there"),
                None => format!("service group {name}: the desk has no DBA, so that nobody can approve or steer there"),
            });
        }
    }
    for group in groups {
        faults.extend(no_dbas(policy, group, people));
    }
    for rule in &policy.rule {
        for step in &rule.steps {
            let needs = usize::from(step.needs.get());
            if step.from != DBA {
                faults.extend(short(
                    &rule.name,
                    &step.from,
                    needs,
                    members(&policy.approvers, &step.from, people).len(),
                    None,
                ));
                continue;
            }
            let speaks_of = |group: &&GroupRow| {
                rule.service_groups.as_ref().is_none_or(|names| names.contains(&group.group.name))
                    && rule.environments.as_ref().is_none_or(|names| names.contains(&group.group.environment))
            };
            for group in groups.iter().filter(speaks_of) {
                let have = dbas(&policy.approvers, group, people).len();
                faults.extend(short(&rule.name, DBA, needs, have, Some(&group.group.name)));
            }
        }
        for name in rule.service_groups.iter().flatten() {
            if groups.iter().all(|group| group.group.name != *name) {
                faults.push(format!("rule “{}”: the inventory has no service group “{name}”", rule.name));
            }
        }
        let _ = writeln!(told, "rule {}: {} steps", rule.name, rule.steps.len());
    }
    (told, faults)
}

/// A step of another group's ticket asks the whole group of approvers, and there nobody asks for the role.
fn no_dbas(policy: &Policy, group: &GroupRow, people: &[Person]) -> Option<String> {
    let (of, name) = (group.group.dbas.as_ref()?, &group.group.name);
    let without: Vec<&str> = people
        .iter()
        .filter(|person| policy.approvers.has(of, &person.member()) && !person.roles.contains(&Role::Dba))
        .map(|person| person.name.as_str())
        .collect();
    (!without.is_empty()).then(|| {
        format!(
            "service group {name}: its DBAs are “{of}”, which has people who are no DBA ({}): they would approve what tickets of other groups \
             change there; add role = \"dba\" to [policy.approvers.{of}]",
            without.join(", ")
        )
    })
}

fn short(rule: &str, from: &str, needs: usize, have: usize, group: Option<&str>) -> Option<String> {
    let place = group.map(|group| format!(" of service group {group}")).unwrap_or_default();
    (have < needs).then(|| {
        format!("rule “{rule}”: it wants {needs} of “{from}”{place}, which has {have}: it can never be met")
    })
}

fn members<'a>(groups: &Groups, name: &str, people: &'a [Person]) -> Vec<&'a str> {
    people
        .iter()
        .filter(|person| groups.has(name, &person.member()))
        .map(|person| person.name.as_str())
        .collect()
}

fn dbas<'a>(groups: &Groups, group: &GroupRow, people: &'a [Person]) -> Vec<&'a str> {
    let dbas = group.group.dbas.as_deref();
    people
        .iter()
        .filter(|person| groups.is_dba(dbas, &person.member()))
        .map(|person| person.name.as_str())
        .collect()
}

fn listed(names: &[&str]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

/// Says what holds for a ticket.
pub async fn explain(config: Config, ticket: TicketId) -> Result<()> {
    let store = store(&config).await?;
    let told = policy_explain::explain(&store, &config.policy, ticket, machine::clock().now()).await?;
    print!("{told}");
    Ok(())
}
