//! `script.toml`: a script's name, texts, parameters, and who may run it where. Read strictly: a key that is not known is a fault, and what
//! is not written is not allowed.

mod read;

use crate::parameter::Parameter;
use dbdesk_commands::{
    lang::Said,
    wire::{person::Role, ticket::Risk},
};
use serde::{Deserialize, Serialize};
use std::{fmt, num::NonZeroU8};

/// What a script's manifest is called.
pub const FILE: &str = "script.toml";
/// Largest manifest.
pub const MANIFEST_BYTES: usize = 64 * 1024;
/// Longest name of a script.
pub const NAME_CHARS: usize = 32;
/// Longest title in each language.
pub const TITLE_CHARS: usize = 100;
/// Longest text in each language.
pub const TEXT_CHARS: usize = 1_000;
/// Most parameters.
pub const PARAMETERS: usize = 16;
/// Longest that a script may run.
pub const MOST_TIME_S: u64 = 24 * 3_600;
/// Most memory of one of its processes.
pub const MOST_MEMORY_MB: u32 = 65_536;
/// Most that run at once.
pub const MOST_AT_ONCE: u32 = 100;

/// What a manifest says.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its name: that of its folder.
    pub name: String,
    /// What it does, in a line.
    pub title: Said,
    /// More of it.
    pub text: Option<Said>,
    /// The file that is run.
    pub run: String,
    /// Who may file a run. Empty: nobody.
    pub who: Vec<Who>,
    /// Who approves a run.
    pub approvals: Approvals,
    /// How much it can hurt.
    pub risk: Risk,
    /// It is ended after so long.
    pub time_limit_s: u64,
    /// Memory of each of its processes.
    pub memory_mb: u32,
    /// Which account it gets.
    pub secrets: Secrets,
    /// So many run at once over all service groups.
    pub at_once: u32,
    /// So many run at once on one service group.
    pub per_group: u32,
    /// Where it may run.
    pub targets: Targets,
    /// What it is told.
    pub parameters: Vec<Parameter>,
}

impl Manifest {
    /// Reads the manifest in the folder `name`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Fault>> {
        read::manifest(name, text)
    }

    /// The parameter with this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The groups of approvers that it names.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let who = self.who.iter().filter_map(|who| match who {
            Who::Group(name) => Some(name.as_str()),
            Who::Role(_) => None,
        });
        let approver = match &self.approvals {
            Approvals::Step { from, .. } => Some(from.as_str()),
            Approvals::Policy | Approvals::Nobody => None,
        };
        who.chain(approver)
    }
}

/// Who may file a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Everybody with this role.
    Role(Role),
    /// Everybody of this group of `[policy.approvers]`.
    Group(String),
}

/// Who approves a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approvals {
    /// As policy says for scripts; where it says nothing, one DBA of the service group.
    Policy,
    /// Nobody is needed, unless policy says otherwise for scripts.
    Nobody,
    /// So many of this group, and who policy says besides.
    Step {
        /// `dba`, or one of `[policy.approvers]`.
        from: String,
        /// How many.
        needs: NonZeroU8,
    },
}

/// Which account a script gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrets {
    /// None.
    None,
    /// That of running work, on the primary of the service group.
    Primary,
}

/// Where a script may run. What is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    /// In one of these environments.
    pub environments: Vec<String>,
    /// On one of these service groups.
    pub groups: Vec<String>,
}

impl Targets {
    /// Whether it may run there.
    #[must_use]
    pub fn has(&self, group: &str, environment: &str) -> bool {
        let any = |of: &[String], it: &str| of.is_empty() || of.iter().any(|one| one == it);
        any(&self.groups, group) && any(&self.environments, environment)
    }
}

/// What is wrong with a script's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which file, from the folder of all scripts.
    pub file: String,
    /// At which key, where one is meant.
    pub key: Option<String>,
    /// What, why, and what to do.
    pub said: Said,
}

impl Fault {
    /// With its place before it.
    #[must_use]
    pub fn told(&self) -> Said {
        let place =
            self.key.as_ref().map_or_else(|| self.file.clone(), |key| format!("{}: `{key}`", self.file));
        let Said { en, zh } = &self.said;
        Said { en: format!("{place}: {en}").into(), zh: format!("{place}：{zh}").into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told().en)
    }
}

/// Whether this can be a script's name: what a folder, a command line and a table can hold without quotes.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_CHARS).contains(&text.len())
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests;
