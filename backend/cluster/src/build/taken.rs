//! What other groups have.

use dbdesk_cmdb::{Place, ServiceGroup, places};
use std::collections::BTreeMap;

/// What groups have taken, and which has what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken(BTreeMap<String, String>);

impl Taken {
    /// All that these groups have.
    pub fn of<'a>(groups: impl IntoIterator<Item = &'a ServiceGroup>) -> Self {
        let of_one = |group: &'a ServiceGroup| {
            places(group).into_iter().map(move |place| (place.to_string(), group.name.clone()))
        };
        Self(groups.into_iter().flat_map(of_one).collect())
    }

    /// The group that has it.
    #[must_use]
    pub fn by(&self, place: &Place) -> Option<&str> {
        self.0.get(&place.to_string()).map(String::as_str)
    }
}

/// Of places as they are kept, each with the name of the group that has it.
impl FromIterator<(String, String)> for Taken {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(taken: T) -> Self {
        Self(taken.into_iter().collect())
    }
}
