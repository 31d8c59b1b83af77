//! What a ticket asks for, and the text that people approve. The text is made from the fields alone; what runs is made from the same fields,
//! and is refused where the text that was approved is not theirs.

use crate::{
    statement::{Dialect, statements},
    workflow::Workflow,
};
use dbdesk_cmdb::{ServiceGroup, drift::ServerStep};
use serde::{Deserialize, Serialize};
use similar::TextDiff;
use std::fmt::Write as _;

/// Lines around a change that are shown, too.
const AROUND: usize = 2;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cluster", rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// The inventory is to say of a group what its servers say.
    RepairInventory {
        /// The group's version that was looked at: another one is not changed.
        seen: u64,
        /// What it was then.
        was: Box<ServiceGroup>,
        /// What it becomes.
        becomes: Box<ServiceGroup>,
        /// What differs, in English.
        why: Vec<String>,
    },
    /// The servers are to be what the inventory says.
    RepairServers {
        /// What is done, in order.
        steps: Vec<ServerStep>,
        /// The flavour for which it is written.
        flavour: String,
        /// What differs, in English.
        why: Vec<String>,
    },
    /// Something is done to the cluster in several steps.
    Workflow(Box<Workflow>),
}

impl Ask {
    /// What a task counts.
    #[must_use]
    pub fn counted(&self) -> u32 {
        match self {
            Self::RepairInventory { .. } => 1,
            Self::RepairServers { steps, .. } => u32::try_from(steps.len()).unwrap_or(u32::MAX),
            Self::Workflow(workflow) => u32::try_from(workflow.steps.len()).unwrap_or(u32::MAX),
        }
    }

    /// The text that people approve.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        match self {
            Self::RepairInventory { seen, was, becomes, why } => {
                let _ = writeln!(
                    text,
                    "-- The inventory of {} becomes what its servers say (version {seen}).",
                    was.name
                );
                write_why(&mut text, why);
                text.push_str(&changes(was, becomes));
            }
            Self::RepairServers { steps, flavour, why } => {
                text.push_str("-- The servers become what the inventory says.\n");
                write_why(&mut text, why);
                let dialect = Dialect::of_flavour(flavour);
                for step in steps {
                    let (host, port) = step.at();
                    let _ = writeln!(text, "-- on {host}:{port}");
                    for statement in statements(step, dialect, None) {
                        let _ = writeln!(text, "{};", statement.shown());
                    }
                }
            }
            Self::Workflow(workflow) => text.push_str(&workflow.text()),
        }
        text
    }
}

/// The lines of a group's inventory that change, with some around them.
#[must_use]
pub fn changes(was: &ServiceGroup, becomes: &ServiceGroup) -> String {
    let mut text = String::new();
    let (was, becomes) = (written(was), written(becomes));
    let diff = TextDiff::from_lines(&was, &becomes);
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        text.push_str("-- …\n");
        for change in hunk.iter_changes() {
            let _ = write!(text, "{}{}", change.tag(), change.value());
        }
    }
    text
}

fn write_why(text: &mut String, why: &[String]) {
    for line in why {
        let _ = writeln!(text, "-- {}", line.replace(['\n', '\r'], " "));
    }
}

/// As the inventory file would have it.
#[must_use]
pub fn written(group: &ServiceGroup) -> String {
    toml::to_string(group).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_cmdb::{
        drift::{self, Difference},
        inventory,
    };

    fn shop() -> ServiceGroup {
        let text = "[[group]]\nname = \"shop\"\nenvironment = \"production\"\nflavour = \"mariadb-10.11\"\ntime_zone = \"UTC\"\n\
             databases = [\"shop\"]\n[[group.instance]]\nhost = \"a\"\nport = 3306\nrole = \"primary\"\n\
             [[group.instance]]\nhost = \"b\"\nport = 3306\nrole = \"replica\"\n";
        inventory::read(text).unwrap().groups.remove(0)
    }

    #[test]
    fn people_approve_what_changes_and_what_is_sent() {
        let moved = Difference::Moved { from: "a:3306".to_owned(), to: "b:3306".to_owned() };
        let databases = Difference::UnknownDatabases { names: vec!["audit".to_owned()] };
        let found = [moved, databases];
        let why = found.iter().map(|it| it.said().en.into_owned()).collect();
        let becomes = drift::inventory_repaired(&shop(), &found).unwrap();
        let inventory =
            Ask::RepairInventory { seen: 4, was: Box::new(shop()), becomes: Box::new(becomes), why };
        let steps = drift::servers_repaired(
            &shop(),
            &[
                Difference::Writable { instance: "b:3306".to_owned() },
                Difference::FollowsNobody { instance: "b:3306".to_owned() },
            ],
        );
        let servers = Ask::RepairServers {
            steps,
            flavour: "mariadb-10.11".to_owned(),
            why: vec!["The replica b:3306 takes writes\nDROP TABLE x".to_owned()],
        };
        for ask in [&inventory, &servers] {
            let again: Ask = serde_json::from_str(&serde_json::to_string(ask).unwrap()).unwrap();
            assert_eq!((&again, again.text()), (ask, ask.text()));
        }
        insta::assert_snapshot!(format!("{}════\n{}", inventory.text(), servers.text()));
    }
}
