//! Who stands behind a name of policy: a person as authority sees him, and groups of people who may approve.

use dbdesk_commands::{id::PersonId, wire::person::Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name that policy gives to the DBAs of a ticket's service group. No other group may have it.
pub const DBA: &str = "dba";
/// Longest name of a group of approvers.
pub const GROUP_NAME_CHARS: usize = 64;

/// A person, as far as authority goes. His name is his name in the desk, never one of chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// His short name in the desk.
    pub name: String,
    /// What he is.
    pub roles: Vec<Role>,
    /// His team.
    pub team: Option<String>,
}

/// A group of people: those for whom all holds that is written here. Where nothing is written, nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Approvers {
    /// One of these, by their names in the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<Vec<String>>,
    /// With this role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Of this team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

impl Approvers {
    /// Whether this person belongs to it. Names are compared whole and byte by byte.
    #[must_use]
    pub fn has(&self, member: &Member) -> bool {
        let says = self.people.is_some() || self.role.is_some() || self.team.is_some();
        says && self.people.as_ref().is_none_or(|people| people.contains(&member.name))
            && self.role.is_none_or(|role| member.roles.contains(&role))
            && self.team.as_ref().is_none_or(|team| member.team.as_ref() == Some(team))
    }
}

/// Every group that policy names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Groups(pub BTreeMap<String, Approvers>);

impl Groups {
    /// Whether a person belongs to the group with this name. A name that is not there has nobody.
    #[must_use]
    pub fn has(&self, name: &str, member: &Member) -> bool {
        self.0.get(name).is_some_and(|group| group.has(member))
    }

    /// Whether he decides and steers on a service group: a DBA, and of the group that the inventory names there, where it does.
    #[must_use]
    pub fn is_dba(&self, dbas: Option<&str>, member: &Member) -> bool {
        member.roles.contains(&Role::Dba) && dbas.is_none_or(|name| self.has(name, member))
    }

    /// The names of all groups that he belongs to, wherever.
    #[must_use]
    pub fn of(&self, member: &Member) -> BTreeSet<&str> {
        let all = self.0.iter().filter(|(_, group)| group.has(member));
        all.map(|(name, _)| name.as_str()).collect()
    }

    /// The same, and [`DBA`] where he is one of this service group's.
    #[must_use]
    pub fn beside(&self, dbas: Option<&str>, member: &Member) -> BTreeSet<&str> {
        let mut names = self.of(member);
        if self.is_dba(dbas, member) {
            names.insert(DBA);
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, roles: &[Role], team: Option<&str>) -> Member {
        Member {
            id: PersonId(1),
            name: name.to_owned(),
            roles: roles.to_vec(),
            team: team.map(str::to_owned),
        }
    }

    fn groups(text: &str) -> Groups {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_group_that_says_nothing_or_is_not_there_has_nobody() {
        let groups = groups("nobody = {}\nnone = { people = [] }\n");
        let ann = member("ann", &[Role::Developer, Role::Dba, Role::Admin], Some("shop"));
        for name in ["nobody", "none", "elsewhere", ""] {
            assert!(!groups.has(name, &ann), "{name}");
        }
    }

    #[test]
    fn a_name_counts_whole_and_never_as_a_part_of_another() {
        let groups = groups("leads = { people = [\"admin\", \"Ann\"] }\n");
        for (name, is_in) in
            [("admin", true), ("Ann", true), ("an", false), ("ann", false), ("admin ", false), ("", false)]
        {
            assert_eq!(groups.has("leads", &member(name, &[], None)), is_in, "{name:?}");
        }
    }

    #[test]
    fn all_that_a_group_says_must_hold() {
        let groups = groups("pay-dbas = { role = \"dba\", team = \"pay\" }\n");
        assert!(groups.has("pay-dbas", &member("bob", &[Role::Dba], Some("pay"))));
        assert!(!groups.has("pay-dbas", &member("bob", &[Role::Dba], None)));
        assert!(!groups.has("pay-dbas", &member("bob", &[Role::Developer], Some("pay"))));
    }

    #[test]
    fn a_service_group_with_dbas_of_its_own_is_decided_on_by_these_alone() {
        let groups = groups("pay-dbas = { people = [\"bob\", \"ann\"] }\n");
        let (bob, mei) = (member("bob", &[Role::Dba], None), member("mei", &[Role::Dba], None));
        let ann = member("ann", &[Role::Developer, Role::Admin], None);
        assert!(groups.is_dba(None, &bob) && groups.is_dba(None, &mei));
        assert!(groups.is_dba(Some("pay-dbas"), &bob) && !groups.is_dba(Some("pay-dbas"), &mei));
        assert!(!groups.is_dba(Some("pay-dbas"), &ann), "in the group, and no DBA");
        assert!(!groups.is_dba(Some("gone"), &bob), "a group that is not there has nobody");
        assert_eq!(Vec::from_iter(groups.beside(Some("pay-dbas"), &bob)), ["dba", "pay-dbas"]);
        assert_eq!(Vec::from_iter(groups.beside(Some("gone"), &bob)), ["pay-dbas"]);
    }
}
