//! A ticket on numbered tables that lie in several places: which statement runs where, and how the work is dealt out to lanes, each of
//! them a task. The first table is changed alone: what fails there would fail everywhere.

use dbdesk_cmdb::GroupId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where the statements of one revision run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// The tables, in the order in which they are written.
    pub shards: Vec<Shard>,
}

/// One of the tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// On whose servers it is.
    pub group: GroupId,
    /// In which database.
    pub database: String,
    /// The statements that change it, from 0, ascending.
    pub statements: Vec<u32>,
}

/// What one task does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// On whose servers.
    pub group: GroupId,
    /// The database of its sessions.
    pub database: String,
    /// Its statements, from 0, ascending; at least one.
    pub todo: Vec<u32>,
}

impl Spread {
    /// The lanes that may begin now, where these statements are left: one with the first table alone as long as anything of that is
    /// left, else those of every group beside each other.
    #[must_use]
    pub fn lanes(&self, left: &BTreeSet<u32>) -> Vec<Lane> {
        let todo = |shard: &Shard| -> Vec<u32> {
            shard.statements.iter().copied().filter(|index| left.contains(index)).collect()
        };
        if let Some((shard, todo)) =
            self.shards.first().map(|shard| (shard, todo(shard))).filter(|(_, todo)| !todo.is_empty())
        {
            return vec![Lane { group: shard.group, database: shard.database.clone(), todo }];
        }
        let mut lanes: BTreeMap<GroupId, Lane> = BTreeMap::new();
        for shard in &self.shards {
            let (group, database) = (shard.group, &shard.database);
            let lane = lanes.entry(group).or_insert_with(|| Lane {
                group,
                database: database.clone(),
                todo: Vec::new(),
            });
            lane.todo.extend(todo(shard));
        }
        let sorted = |mut lane: Lane| {
            lane.todo.sort_unstable();
            lane
        };
        lanes.into_values().filter(|lane| !lane.todo.is_empty()).map(sorted).collect()
    }

    /// The same of a text of which a task counts not statements but parts of several: `part_of` says which part a statement is in. What
    /// lies in one part is one to it.
    #[must_use]
    pub fn in_parts(&self, part_of: &[u32]) -> Self {
        let mut parts: BTreeMap<u32, Shard> = BTreeMap::new();
        for shard in &self.shards {
            for part in shard.statements.iter().filter_map(|index| part_of.get(*index as usize)) {
                parts.entry(*part).or_insert_with(|| Shard { statements: vec![*part], ..shard.clone() });
            }
        }
        Self { shards: parts.into_values().collect() }
    }

    /// The group of each statement.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<u32, GroupId> {
        let of = |shard: &Shard| {
            let group = shard.group;
            shard.statements.iter().map(move |index| (*index, group)).collect::<Vec<_>>()
        };
        self.shards.iter().flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spread(groups: &[u64], series: u32) -> Spread {
        let count = u32::try_from(groups.len()).unwrap();
        let shard = |(at, group): (usize, &u64)| Shard {
            group: GroupId(*group),
            database: format!("shop_{group}"),
            statements: (0..series).map(|series| series * count + u32::try_from(at).unwrap()).collect(),
        };
        Spread { shards: groups.iter().enumerate().map(shard).collect() }
    }

    fn all(spread: &Spread) -> BTreeSet<u32> {
        spread.groups().into_keys().collect()
    }

    #[test]
    fn the_first_table_is_alone_with_all_its_statements() {
        let spread = spread(&[1, 1, 2, 2], 2);
        let lanes = spread.lanes(&all(&spread));
        assert_eq!(lanes, [Lane { group: GroupId(1), database: "shop_1".into(), todo: vec![0, 4] }]);
    }

    #[test]
    fn then_every_group_has_its_lane() {
        let spread = spread(&[1, 1, 1, 2, 2], 1);
        let todo: Vec<_> =
            spread.lanes(&(1..5).collect()).into_iter().map(|lane| (lane.group.0, lane.todo)).collect();
        assert_eq!(todo, [(1, vec![1, 2]), (2, vec![3, 4])]);
    }

    #[test]
    fn what_failed_is_all_that_is_done_again() {
        let spread = spread(&[1, 1, 2, 2], 1);
        let lanes = spread.lanes(&BTreeSet::from([3]));
        assert_eq!(lanes, [Lane { group: GroupId(2), database: "shop_2".into(), todo: vec![3] }]);
        assert_eq!(spread.lanes(&BTreeSet::new()), []);
    }

    proptest! {
        #[test]
        fn whatever_is_left_is_dealt_out_once_and_to_its_own_group(
            groups in proptest::collection::vec(1..4u64, 1..20),
            series in 1..3u32,
            done in proptest::collection::btree_set(0..60u32, 0..20),
        ) {
            let spread = spread(&groups, series);
            let home = spread.groups();
            let mut left: BTreeSet<u32> = all(&spread).difference(&done).copied().collect();
            let mut rounds = 0;
            while !left.is_empty() {
                let lanes = spread.lanes(&left);
                prop_assert!(!lanes.is_empty());
                for lane in lanes {
                    prop_assert!(!lane.todo.is_empty() && lane.todo.is_sorted());
                    for index in lane.todo {
                        prop_assert_eq!(home.get(&index), Some(&lane.group));
                        prop_assert!(left.remove(&index), "dealt out once");
                    }
                }
                rounds += 1;
            }
            prop_assert!(rounds <= 2, "first alone, then all: {}", rounds);
        }
    }
}
