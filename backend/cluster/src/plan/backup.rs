//! A backup is taken and verified, a table of one is restored, replicas are compared with their primary. Nothing of it is felt.

use super::{Subject, list, no_host, replicas};
use crate::{
    step::Step,
    workflow::{Aim, Workflow},
};
use chrono::{DateTime, Utc};
use dbdesk_cmdb::{BackupPlan, Instance, ServiceGroup};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};

fn workflow(subject: &Subject<'_>, aim: Aim, steps: Vec<Step>) -> Workflow {
    let group = subject.group.name.clone();
    Workflow { aim, group, seen: subject.seen, document: None, steps }
}

/// The plan for a backup of a replica, or of the primary where there is none.
///
/// # Errors
/// Everything that speaks against it.
pub fn backup(subject: &Subject<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().collect();
    let plan = planned(group).map_err(|fault| faults.push(fault)).ok();
    if let Some(plan) = plan.filter(|plan| subject.host(&plan.on).is_none()) {
        faults.push(no_host(&plan.on));
    }
    let source = replicas(group).first().copied().or_else(|| group.primary());
    let at = source.map(|source| subject.at(source));
    let (Some(plan), Some(Ok(at)), true) = (plan, at.clone(), faults.is_empty()) else {
        faults.extend(at.and_then(Result::err));
        return Err(faults);
    };
    let (on, folder) = (plan.on.clone(), folder(plan, group));
    let steps = vec![
        Step::BackUp {
            at,
            on: on.clone(),
            folder: folder.clone(),
            keep_last: plan.keep_last,
            keep_days: plan.keep_days,
        },
        Step::VerifyBackup { on, folder, scratch_port: plan.scratch_port },
    ];
    Ok(workflow(subject, Aim::Backup, steps))
}

/// Which table of which backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The backup, and where it is: the host's name and the folder.
    pub backup: (&'a str, &'a str, &'a str),
    /// The table's database.
    pub database: &'a str,
    /// Its name.
    pub table: &'a str,
    /// The name that it gets.
    pub becomes: &'a str,
    /// The moment.
    pub until: DateTime<Utc>,
}

/// The plan for a table as it was, beside the one that is there.
///
/// # Errors
/// Everything that speaks against it.
pub fn restore_table(subject: &Subject<'_>, choice: &Choice<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().collect();
    if !group.databases.iter().any(|known| known == choice.database) {
        let (name, database, there) = (&group.name, choice.database, list(&group.databases));
        faults.push(said!(
            "{name} has no database “{database}”; it has {there}.",
            "{name} 没有数据库“{database}”；它的数据库有 {there}。"
        ));
    }
    for name in [choice.table, choice.becomes] {
        let good = |c: char| c.is_ascii_alphanumeric() || "_$-".contains(c);
        if !(1..=64).contains(&name.len()) || !name.chars().all(good) {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            faults.push(said!(
                "“{name}” is not the name of a table: 1 to 64 letters, digits, _, $ and -.",
                "“{name}”不是表名：1 到 64 个字母、数字、_、$ 和 -。"
            ));
        }
    }
    let (backup, on, folder) = choice.backup;
    if subject.host(on).is_none() {
        faults.push(no_host(on));
    }
    let at = group.primary().map(|primary| subject.at(primary));
    let (Some(Ok(at)), true) = (at.clone(), faults.is_empty()) else {
        faults.extend(at.and_then(Result::err));
        return Err(faults);
    };
    let steps = vec![Step::RestoreTable {
        backup: backup.to_owned(),
        on: on.to_owned(),
        folder: folder.to_owned(),
        scratch_port: group.backup.as_ref().map_or(13_306, |plan| plan.scratch_port),
        at,
        database: choice.database.to_owned(),
        table: choice.table.to_owned(),
        becomes: choice.becomes.to_owned(),
        until: choice.until,
    }];
    Ok(workflow(subject, Aim::RestoreTable, steps))
}

/// The plan for comparing all replicas with the primary.
///
/// # Errors
/// Everything that speaks against it.
pub fn compare(subject: &Subject<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().collect();
    let others: Vec<&Instance> =
        group.instances.iter().filter(|one| one.role == InstanceRole::Replica).collect();
    if others.is_empty() {
        let name = &group.name;
        faults.push(said!("{name} has no replica to compare.", "{name} 没有可以比对的从库。"));
    }
    let mut at = |instance: &Instance| subject.at(instance).map_err(|fault| faults.push(fault)).ok();
    let primary = group.primary().and_then(&mut at);
    let found: Vec<_> = others.into_iter().filter_map(&mut at).collect();
    match primary {
        Some(primary) if faults.is_empty() => {
            let databases = group.databases.clone();
            let step = Step::Compare { primary, replicas: found, databases };
            Ok(workflow(subject, Aim::Compare, vec![step]))
        }
        _ => Err(faults),
    }
}

fn planned(group: &ServiceGroup) -> Result<&BackupPlan, Said> {
    let name = &group.name;
    group.backup.as_ref().ok_or_else(|| {
        said!(
            "The inventory does not say where backups of {name} are kept. Write [group.backup] with `at`, `on` and `folder` into the inventory \
             file and load it.",
            "清单没有写明 {name} 的备份放在哪里。请在清单文件中写 [group.backup]（`at`、`on`、`folder`）并加载。"
        )
    })
}

/// The group's own.
fn folder(plan: &BackupPlan, group: &ServiceGroup) -> String {
    format!("{}/{}", plan.folder, group.name)
}
