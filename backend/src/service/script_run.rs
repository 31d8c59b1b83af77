//! A run of a script is asked for: a ticket like any other, bound to the script's files as they are now.

use super::{
    Caller, Failure, Once, content,
    refuse::invalid,
    reviewing::{database, group},
    scripting,
    ticket_submit::{Filing, file},
    view,
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    lang::{Said, said},
    when::When,
    wire::{script::ScriptRun, ticket::TicketView},
};
use dbdesk_executor::scripts::Script;
use dbdesk_script::{Kind, Manifest, Run, run::values};
use serde_json::Value;
use std::collections::BTreeMap;

/// Files it.
pub async fn run(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    name: &str,
    body: ScriptRun,
) -> Result<TicketView, Failure> {
    let script = scripting::one(desk, caller, name).await?;
    let manifest = &script.manifest;
    let found = group(desk, caller.within(), body.service_group.trim()).await?;
    if !manifest.targets.has(&found.group.name, &found.group.environment) {
        return Err(invalid(elsewhere(manifest, &found.group)).into());
    }
    let reason = content::reason(&body.reason)?;
    let parameters = values(manifest, &body.parameters)
        .map_err(|Said { en, zh }| invalid(said!("{en}. Nothing was filed.", "{zh}。没有提交工单。")))?;
    let database = there(desk, caller, (manifest, &parameters), &found.group).await?;
    let now = desk.clock.now();
    let when = body.when.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let when = when.map_or(Ok(When::Now), |text| content::when(text, &found.group, now))?;
    let run = run_of(&script, &found.group, parameters);
    let (text, reviewed) = scripting::reviewed(desk, (manifest, run), &found.group)?;
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let filing = Filing {
        group: &found,
        database,
        requester: &caller.person,
        reason,
        lang: body.lang.unwrap_or(caller.lang),
        when,
        schedule: None,
        takes_back: None,
        account: None,
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed,
    };
    let row = file(desk, &mut tx, filing, now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

/// What runs: the script's files as they are now, with these parameters.
pub(super) fn run_of(script: &Script, group: &ServiceGroup, parameters: BTreeMap<String, Value>) -> Run {
    let manifest = &script.manifest;
    Run {
        script: manifest.name.clone(),
        title: manifest.title.clone(),
        run: manifest.run.clone(),
        files: script.hash.clone(),
        group: group.name.clone(),
        environment: group.environment.clone(),
        parameters,
        secrets: manifest.secrets,
        time_limit_s: manifest.time_limit_s,
        memory_mb: manifest.memory_mb,
    }
}

/// Whether all that is named is in the inventory. Gives the first database that is: the ticket's, else its script's name stands there.
pub(super) async fn there(
    desk: &Desk,
    caller: &Caller,
    (manifest, parameters): (&Manifest, &BTreeMap<String, Value>),
    of: &ServiceGroup,
) -> Result<String, Failure> {
    let mut first = None;
    for (name, value) in parameters {
        let (Some(parameter), Some(text)) = (manifest.parameter(name), value.as_str()) else { continue };
        let is_there = match &parameter.kind {
            Kind::Group => {
                group(desk, caller.within(), text).await?;
                true
            }
            Kind::Database => {
                database(of, text)?;
                first.get_or_insert_with(|| text.to_owned());
                true
            }
            Kind::Instance => of.instances.iter().any(|instance| instance.to_string() == text),
            Kind::Host => of.instances.iter().any(|instance| instance.host == text),
            _ => true,
        };
        if !is_there {
            let known: Vec<String> = of.instances.iter().take(10).map(ToString::to_string).collect();
            let (group, known) = (&of.name, known.join(", "));
            return Err(invalid(said!(
                "`{name}` is {value}, which service group “{group}” does not have. It has {known}. Nothing was filed.",
                "`{name}` 为 {value}，服务组“{group}”里没有。现有：{known}。没有提交工单。"
            ))
            .into());
        }
    }
    Ok(first.unwrap_or_else(|| manifest.name.clone()))
}

pub(super) fn elsewhere(manifest: &Manifest, group: &ServiceGroup) -> Said {
    let targets = &manifest.targets;
    let all = |of: &[String]| of.join(", ");
    let (script, name, environment) = (&manifest.name, &group.name, &group.environment);
    if targets.groups.is_empty() {
        said!(
            "“{script}” runs in {all} only; “{name}” is {environment}. Nothing was filed.",
            "“{script}”只能在 {all} 环境运行，而“{name}”是 {environment}。没有提交工单。",
            all = all(&targets.environments)
        )
    } else {
        said!(
            "“{script}” runs on {all} only, not on “{name}” ({environment}). Nothing was filed.",
            "“{script}”只能在 {all} 上运行，不能在“{name}”（{environment}）上运行。没有提交工单。",
            all = all(&targets.groups)
        )
    }
}
