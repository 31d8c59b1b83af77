//! The role control, and the processes it starts.

use dbdesk_cmdb::label::{LABEL_CHARS, MACHINE_LABELS, is_label};
use dbdesk_commands::wire::task::TaskKind;
use dbdesk_store::run::Admission;
use dbdesk_ticket::{
    admission::Limits,
    exclusion::{Exclusion, NotAMatrix, Pair},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// The store's own connections may take longer than less than this.
const STUCK_LEAST_MS: u64 = 5_000;

/// How the processes of tasks are kept apart from control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// In units where systemd runs, allows it and keeps them; else as plain processes.
    Auto,
    /// Each in a transient unit of systemd; as a plain process only where that is refused.
    Unit,
    /// Each a process in a session of its own.
    Process,
}

/// The role control, and the processes it starts.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Control {
    /// The machine's name in the store; empty for its host name.
    pub name: String,
    /// The machine's labels: it takes the work of service groups whose labels it has.
    pub labels: Vec<String>,
    /// Folder for what the processes leave behind.
    pub state_dir: PathBuf,
    /// How those processes are kept apart from control.
    pub isolation: Isolation,
    /// Tasks at a time on this machine.
    pub tasks_at_once: u32,
    /// Processes started ahead that wait for a task, at most `tasks_at_once`; 0: each is started for its task.
    pub warm: u32,
    /// A part of control that waited for an answer of the store for so long did so in vain: control starts itself anew.
    pub stuck_ms: u64,
    /// Tasks at a time on one service group.
    pub tasks_per_group: u32,
    /// Tasks at a time on one server.
    pub tasks_per_instance: Option<u32>,
    /// Tasks at a time of one kind.
    pub tasks_per_kind: BTreeMap<TaskKind, u32>,
    /// What may run beside what, instead of what is shipped.
    pub exclusion: Vec<Pair>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            name: String::new(),
            labels: Vec::new(),
            state_dir: PathBuf::from("/var/lib/dbdesk"),
            isolation: Isolation::Auto,
            tasks_at_once: 50,
            warm: 6,
            stuck_ms: 900_000,
            tasks_per_group: 4,
            tasks_per_instance: None,
            tasks_per_kind: BTreeMap::new(),
            exclusion: Vec::new(),
        }
    }
}

impl Control {
    /// What may run at once.
    ///
    /// # Errors
    /// A pair of `exclusion` stands there twice.
    pub fn admission(&self) -> Result<Admission, NotAMatrix> {
        Ok(Admission {
            limits: Limits {
                per_group: self.tasks_per_group,
                per_instance: self.tasks_per_instance,
                per_kind: self.tasks_per_kind.clone(),
            },
            exclusion: Exclusion::shipped_with(&self.exclusion)?,
        })
    }

    /// What is wrong with it, each as a sentence.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.labels.len() > MACHINE_LABELS || !self.labels.iter().all(|label| is_label(label)) {
            faults.push(format!(
                "`control.labels`: at most {MACHINE_LABELS}, each of at most {LABEL_CHARS} lower case letters, digits, `-` and `_`"
            ));
        }
        let limits = [
            ("tasks_at_once", Some(self.tasks_at_once)),
            ("tasks_per_group", Some(self.tasks_per_group)),
            ("tasks_per_instance", self.tasks_per_instance),
        ];
        let kinds = self.tasks_per_kind.values().map(|limit| ("tasks_per_kind", Some(*limit)));
        for (key, _) in limits.into_iter().chain(kinds).filter(|(_, limit)| *limit == Some(0)) {
            faults.push(format!("`control.{key}`: with 0 nothing would ever run; write 1 or more"));
        }
        if self.stuck_ms < STUCK_LEAST_MS {
            faults.push(format!(
                "`control.stuck_ms`: less than {STUCK_LEAST_MS} takes an answer that is slow for one that never comes"
            ));
        }
        if let Err(error) = self.admission() {
            faults.push(format!("`control.exclusion`: {error}"));
        }
        faults
    }
}
