//! `packages/*.toml`: what a cluster is built from. Read strictly: a key that is not known is a fault, and an option of the servers that is
//! not there can not be asked for.

mod read;

use dbdesk_cmdb::FailoverPolicy;
use dbdesk_commands::lang::{Said, said};
pub use dbdesk_script::Fault;
use std::collections::BTreeMap;

/// How the name of a package's file ends.
pub const EXTENSION: &str = "toml";
/// Largest file.
pub const FILE_BYTES: usize = 64 * 1024;
/// Most packages.
pub const PACKAGES: usize = 25;
/// Longest name.
pub const NAME_CHARS: usize = 32;
/// Longest title in each language: what an entry of a menu takes.
pub const TITLE_CHARS: usize = 100;
/// Longest text in each language.
pub const TEXT_CHARS: usize = 500;
/// Most replicas of a group.
pub const REPLICAS: u16 = 15;
/// Most proxies of a group.
pub const PROXIES: u16 = 8;
/// Most parameters.
pub const PARAMETERS: usize = 64;
/// Longest value of a parameter.
pub const VALUE_CHARS: usize = 200;

/// What a package says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the file")]
pub struct Package {
    /// That of its file.
    pub name: String,
    /// In a line.
    pub title: Said,
    /// More of it.
    pub text: Option<Said>,
    /// Whether names lead to it.
    pub has_dns: bool,
    /// Whether an address moves between its proxies.
    pub has_vip: bool,
    /// What it says of proxies, where there are any.
    pub proxies: Option<Proxies>,
    /// Which may be chosen; the first is the usual one, and there is one.
    pub flavours: Vec<String>,
    /// Whether the primary waits for a replica at each commit.
    pub semi_sync: bool,
    /// What is done when the primary dies.
    pub failover: FailoverPolicy,
    /// Whether each server needs a host of its own.
    pub apart: bool,
    /// How long an answer for a name may be kept.
    pub ttl_s: u32,
    /// Share of a host's memory that its servers of the group take together at most.
    pub share_percent: u8,
    /// Least buffer pool of a server.
    pub least_pool_mb: u32,
    /// How many replicas.
    pub replicas: Count,
    /// Options of the servers that may be chosen, by name.
    pub parameters: BTreeMap<String, Parameter>,
}

/// From, to, and how many where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// From.
    pub least: u16,
    /// To.
    pub most: u16,
    /// Where nothing is said.
    pub usual: u16,
}

impl Count {
    /// Whether so many are right.
    #[must_use]
    pub fn has(self, count: usize) -> bool {
        (usize::from(self.least)..=usize::from(self.most)).contains(&count)
    }

    /// As people read it: `2`, `2–8`.
    #[must_use]
    pub fn shown(self) -> String {
        let Self { least, most, .. } = self;
        if least == most { least.to_string() } else { format!("{least}–{most}") }
    }
}

/// What a package says of its proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proxies {
    /// How many.
    pub count: Count,
    /// Connections to this port reach the primary.
    pub write_port: u16,
    /// Connections to this port reach a replica.
    pub read_port: Option<u16>,
    /// A connection waits so long while nobody takes writes.
    pub patience_s: u16,
}

/// An option of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What it is set to where nothing is said; nothing: it is not set.
    pub usual: Option<String>,
    /// What it may be.
    pub bound: Bound,
}

/// What an option may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// A whole number.
    Integer {
        /// From.
        least: i64,
        /// To.
        most: i64,
    },
    /// One of these.
    Choice(Vec<String>),
}

impl Bound {
    /// Whether it may be that, or what it may be.
    pub fn takes(&self, value: &str) -> Result<(), Said> {
        match self {
            Self::Integer { least, most } => match value.parse::<i64>() {
                // `+5` and `007` are numbers, and a server may read them otherwise.
                Ok(number) if (*least..=*most).contains(&number) && number.to_string() == value => Ok(()),
                _ => Err(said!("a whole number from {least} to {most}", "{least} 到 {most} 的整数")),
            },
            Self::Choice(choices) if choices.iter().any(|choice| choice == value) => Ok(()),
            Self::Choice(choices) => {
                let all = choices.join(", ");
                Err(said!("one of {all}", "以下之一：{all}"))
            }
        }
    }

    /// What it may be.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Integer { least, most } => format!("{least}–{most}"),
            Self::Choice(choices) => choices.join(" | "),
        }
    }
}

impl Package {
    /// Reads the file `name`.toml.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Fault>> {
        read::package(name, text)
    }

    /// The flavour where nothing is said.
    #[must_use]
    pub fn flavour(&self) -> &str {
        self.flavours.first().map_or("", String::as_str)
    }
}

/// Whether this can be a package's name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    dbdesk_script::manifest::is_name(text)
}

#[cfg(test)]
mod tests;
