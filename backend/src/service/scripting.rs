//! The scripts of the folder as the desk sees them: who may run which, and what a run of one is.

use super::{
    Caller, Failure,
    asking::Asked,
    refuse::{invalid, quoted},
    reviewing::Reviewed,
    script_run, steps,
};
use crate::{config::Policy, desk::Desk};
use dbdesk_cluster::Step as Work;
use dbdesk_cmdb::{ServiceGroup, near::nearest};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        person::Role,
        policy::RequestKind,
        problem::{Code, Refusal},
        workflow::ScriptStep,
    },
};
use dbdesk_executor::scripts::{self, Script};
use dbdesk_script::{Approvals, Fault, Manifest, Request, Run, manifest::Who, run::values};
use dbdesk_store::person::Person;
use dbdesk_ticket::{admission::Slot, approval::Step, people::DBA};

/// Every script of the folder by name, and what is wrong with the others.
pub(super) async fn all(desk: &Desk) -> Result<(Vec<Manifest>, Vec<Fault>), Failure> {
    let folder = desk.config.scripts.folder.clone();
    let read = tokio::task::spawn_blocking(move || {
        let names = scripts::names(&folder).map_err(|fault| vec![fault])?;
        Ok(names.iter().map(|name| scripts::manifest(&folder, name)).collect::<Vec<_>>())
    });
    let read: Result<Vec<_>, Vec<Fault>> = read.await.map_err(anyhow::Error::from)?;
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    match read {
        Ok(all) => {
            for one in all {
                match one.and_then(|manifest| approvers_there(&desk.config.policy, manifest)) {
                    Ok(manifest) => good.push(manifest),
                    Err(theirs) => faults.extend(theirs),
                }
            }
        }
        Err(theirs) => faults = theirs,
    }
    Ok((good, faults))
}

/// One with its files, for one who may run it: for all others it does not exist. What is wrong with it is told to those who can mend it.
pub(super) async fn one(desk: &Desk, caller: &Caller, name: &str) -> Result<Script, Failure> {
    let (folder, wanted) = (desk.config.scripts.folder.clone(), name.to_owned());
    let read = tokio::task::spawn_blocking(move || scripts::script(&folder, &wanted));
    let read = read.await.map_err(anyhow::Error::from)?.and_then(|script| {
        let manifest = approvers_there(&desk.config.policy, script.manifest)?;
        Ok(Script { manifest, ..script })
    });
    match read {
        Ok(script) if may_run(desk, &caller.person, &script.manifest) => Ok(script),
        Err(faults) if mends(&caller.person) && is_there(desk, name) => Err(broken(name, &faults).into()),
        Ok(_) | Err(_) => Err(none(desk, caller, name).await?.into()),
    }
}

/// Whether there is a folder that could be a script of this name.
fn is_there(desk: &Desk, name: &str) -> bool {
    scripts::names(&desk.config.scripts.folder).is_ok_and(|names| names.iter().any(|there| there == name))
}

/// Whoever is told what is wrong with scripts.
pub(super) fn mends(person: &Person) -> bool {
    person.roles.iter().any(|role| matches!(role, Role::Dba | Role::Admin))
}

/// Whether this person may file a run.
pub(super) fn may_run(desk: &Desk, person: &Person, manifest: &Manifest) -> bool {
    let member = person.member();
    manifest.who.iter().any(|who| match who {
        Who::Role(role) => person.roles.contains(role),
        Who::Group(name) => desk.config.policy.approvers.has(name, &member),
    })
}

/// A group of approvers that is not there has nobody: a name that is written wrong must not look like a script that waits.
fn approvers_there(policy: &Policy, manifest: Manifest) -> Result<Manifest, Vec<Fault>> {
    let is_there = |name: &str| name == DBA || policy.approvers.0.contains_key(name);
    let missing: Vec<Fault> = manifest
        .groups()
        .filter(|name| !is_there(name))
        .map(|name| Fault {
            file: format!("{}/{}", manifest.name, dbdesk_script::manifest::FILE),
            key: None,
            said: said!(
                "there is no role and no group of approvers `{name}`; name one of [policy.approvers]",
                "没有角色或审批组 `{name}`，请写 [policy.approvers] 里的组"
            ),
        })
        .collect();
    if missing.is_empty() { Ok(manifest) } else { Err(missing) }
}

/// What a run comes to, as policy looks at it.
pub(super) fn reviewed(
    desk: &Desk,
    (manifest, run): (&Manifest, Run),
    group: &ServiceGroup,
) -> Result<(String, Reviewed), Failure> {
    let text = run.text();
    let request = serde_json::to_string(&Request::Script(run)).map_err(anyhow::Error::from)?;
    let step = match &manifest.approvals {
        Approvals::Step { from, needs } => Some(Step { from: from.clone(), needs: *needs }),
        Approvals::Policy | Approvals::Nobody => None,
    };
    let slot = Slot { name: manifest.name.clone(), at_once: manifest.at_once, per_group: manifest.per_group };
    let asked = Asked {
        request,
        kind: RequestKind::Script,
        steps: 1,
        risk: manifest.risk,
        is_free: false,
        step,
        script: Some(slot),
    };
    let mut reviewed = super::asking::reviewed(&text, asked);
    let policy = &desk.config.policy;
    let by_rule = steps::ruled(policy, &reviewed, manifest.risk, group).rule.is_some();
    if let Some(asked) = &mut reviewed.asked {
        asked.is_free = manifest.approvals == Approvals::Nobody && !by_rule;
    }
    Ok((text, reviewed))
}

/// Scripts as steps of a workflow on this group, as they are now, and who has to approve them.
pub(super) async fn as_steps(
    desk: &Desk,
    caller: &Caller,
    group: &ServiceGroup,
    asked: &[ScriptStep],
) -> Result<(Vec<Work>, Vec<Step>), Failure> {
    const MOST: usize = 5;
    if asked.len() > MOST {
        return Err(invalid(said!(
            "At most {MOST} scripts run before a change, and as many after it. Nothing was filed.",
            "变更之前、之后最多各运行 {MOST} 个脚本。没有提交工单。"
        ))
        .into());
    }
    let (mut all, mut approvers) = (Vec::new(), Vec::new());
    for ScriptStep { name, parameters } in asked {
        let script = one(desk, caller, name).await?;
        let manifest = &script.manifest;
        if !manifest.targets.has(&group.name, &group.environment) {
            return Err(invalid(script_run::elsewhere(manifest, group)).into());
        }
        let parameters = values(manifest, parameters)
            .map_err(|Said { en, zh }| invalid(said!("{en}. Nothing was filed.", "{zh}。没有提交工单。")))?;
        script_run::there(desk, caller, (manifest, &parameters), group).await?;
        if let Approvals::Step { from, needs } = &manifest.approvals {
            approvers.push(Step { from: from.clone(), needs: *needs });
        }
        all.push(Work::Script(Box::new(script_run::run_of(&script, group, parameters))));
    }
    Ok((all, approvers))
}

async fn none(desk: &Desk, caller: &Caller, name: &str) -> Result<Refusal, Failure> {
    let (known, _) = all(desk).await?;
    let may = known.iter().filter(|manifest| may_run(desk, &caller.person, manifest));
    let near = nearest(name, may.map(|manifest| manifest.name.as_str())).join(", ");
    let name = quoted(name);
    let said = if near.is_empty() {
        said!(
            "There is no script “{name}” that you may run. `/script list` shows those that there are.",
            "没有你可以运行的脚本“{name}”。可以用 `/script list` 查看。"
        )
    } else {
        said!(
            "There is no script “{name}” that you may run. Did you mean {near}? `/script list` shows all.",
            "没有你可以运行的脚本“{name}”。是不是要找 {near}？可以用 `/script list` 查看全部。"
        )
    };
    Ok(Refusal::new(Code::NotFound, said))
}

fn broken(name: &str, faults: &[Fault]) -> Refusal {
    let told = |of: fn(&Said) -> &str| {
        faults.iter().map(|fault| of(&fault.told()).to_owned()).collect::<Vec<_>>().join("\n")
    };
    let (en, zh) = (told(|said| &said.en), told(|said| &said.zh));
    Refusal::new(
        Code::Invalid,
        said!("The script “{name}” can not be run as it stands:\n{en}", "脚本“{name}”目前无法运行：\n{zh}"),
    )
}
