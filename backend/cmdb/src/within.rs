//! Which service groups somebody may reach.

use crate::GroupId;
use std::collections::BTreeSet;

/// All groups, or only some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Within {
    /// All of them, those to come included.
    #[default]
    All,
    /// Only these; none where there are none.
    Only(BTreeSet<GroupId>),
}

impl Within {
    /// Whether this group is reached.
    #[must_use]
    pub fn has(&self, group: GroupId) -> bool {
        match self {
            Self::All => true,
            Self::Only(groups) => groups.contains(&group),
        }
    }

    /// Whether everything that `other` reaches is reached.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(own), Self::Only(others)) => others.is_subset(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_never_cover_all() {
        let only = |groups: &[u64]| Within::Only(groups.iter().copied().map(GroupId).collect());
        assert!(Within::All.covers(&Within::All) && Within::All.covers(&only(&[1])));
        assert!(only(&[1, 2]).covers(&only(&[2])) && only(&[1]).covers(&only(&[])));
        assert!(!only(&[1]).covers(&only(&[2])) && !only(&[1]).covers(&Within::All));
        assert!(Within::All.has(GroupId(7)) && only(&[7]).has(GroupId(7)) && !only(&[]).has(GroupId(7)));
    }
}
