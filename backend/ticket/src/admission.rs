//! Whether a task that is due may start beside what runs. Control asks before it starts a process, and the claim asks again in
//! the transaction that decides.

use crate::exclusion::{Exclusion, Rule};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{task::TaskKind, waits::Waits},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The tables that a task changes, each `database.table` in lower case; `None` when they are not known, then it is all of them.
pub type Touches = Option<BTreeSet<String>>;

/// A task, as far as admission cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Which.
    pub task: TaskId,
    /// Whose.
    pub ticket: TicketId,
    /// On whose servers.
    pub group: GroupId,
    /// What it does.
    pub kind: TaskKind,
    /// What it changes.
    pub touches: Touches,
    /// The server it works on, `host:port`.
    pub instance: Option<String>,
    /// The script that it runs, where it does.
    pub script: Option<Slot>,
}

/// How many runs of a script go on at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Which script.
    pub name: String,
    /// Over all service groups.
    pub at_once: u32,
    /// On one service group.
    pub per_group: u32,
}

/// How much may run at once, over all machines; nothing for no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// In one service group.
    pub per_group: u32,
    /// On one server.
    pub per_instance: Option<u32>,
    /// Of one kind.
    pub per_kind: BTreeMap<TaskKind, u32>,
}

/// What runs, counted once for many questions.
#[derive(Debug, Clone, Default)]
pub struct Running {
    groups: BTreeMap<GroupId, Vec<Work>>,
    instances: BTreeMap<String, u32>,
    kinds: BTreeMap<TaskKind, u32>,
    scripts: BTreeMap<String, u32>,
}

impl Running {
    /// One more runs.
    pub fn add(&mut self, work: Work) {
        *self.kinds.entry(work.kind).or_default() += 1;
        if let Some(instance) = &work.instance {
            *self.instances.entry(instance.clone()).or_default() += 1;
        }
        if let Some(script) = &work.script {
            *self.scripts.entry(script.name.clone()).or_default() += 1;
        }
        self.groups.entry(work.group).or_default().push(work);
    }

    /// Whether `work` may start beside it; else what it waits for.
    pub fn admits(&self, work: &Work, limits: &Limits, exclusion: &Exclusion) -> Result<(), Waits> {
        let beside = self.groups.get(&work.group).map_or(&[][..], Vec::as_slice);
        if let Some(waits) = beside.iter().find_map(|other| excluded(work, other, exclusion)) {
            return Err(waits);
        }
        if beside.len() >= limits.per_group as usize {
            return Err(Waits::Group { limit: limits.per_group });
        }
        if let (Some(limit), Some(instance)) = (limits.per_instance, &work.instance)
            && self.instances.get(instance).is_some_and(|running| *running >= limit)
        {
            return Err(Waits::Instance { instance: instance.clone(), limit });
        }
        self.has_slot(work, beside)?;
        match limits.per_kind.get(&work.kind) {
            Some(limit) if self.kinds.get(&work.kind).is_some_and(|running| running >= limit) => {
                Err(Waits::Kind { task_kind: work.kind, limit: *limit })
            }
            _ => Ok(()),
        }
    }
}

impl Running {
    /// Whether its script, if it runs one, may run once more.
    fn has_slot(&self, work: &Work, beside: &[Work]) -> Result<(), Waits> {
        let Some(Slot { name, at_once, per_group }) = &work.script else { return Ok(()) };
        let same = |other: &&Work| other.script.as_ref().is_some_and(|script| script.name == *name);
        let full = |limit: u32, in_group| Waits::Script { script: name.clone(), limit, in_group };
        if beside.iter().filter(same).count() >= *per_group as usize {
            return Err(full(*per_group, true));
        }
        if self.scripts.get(name).is_some_and(|running| running >= at_once) {
            return Err(full(*at_once, false));
        }
        Ok(())
    }
}

/// What `work` waits for, if the two must not run side by side. Lanes of one ticket have nothing in common but the ticket.
fn excluded(work: &Work, other: &Work, exclusion: &Exclusion) -> Option<Waits> {
    if work.ticket == other.ticket {
        return None;
    }
    let table = match exclusion.rule(work.kind, other.kind) {
        Rule::Together => return None,
        Rule::Group => None,
        Rule::Table => match (&work.touches, &other.touches) {
            (Some(mine), Some(theirs)) => Some(mine.intersection(theirs).next()?.clone()),
            // One of them may touch anything.
            _ => None,
        },
    };
    Some(Waits::Ticket { ticket: other.ticket, table })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exclusion::SHIPPED;
    use proptest::prelude::*;

    fn work(number: u64, kind: TaskKind, tables: Option<&[&str]>) -> Work {
        Work {
            task: TaskId(number),
            ticket: TicketId(number),
            group: GroupId(1),
            kind,
            touches: tables.map(|tables| tables.iter().map(|table| (*table).to_owned()).collect()),
            instance: Some("db:3306".to_owned()),
            script: None,
        }
    }

    fn limits() -> Limits {
        Limits { per_group: 3, per_instance: Some(2), per_kind: [(TaskKind::Ddl, 1)].into() }
    }

    fn admits(running: &[Work], wants: &Work) -> Result<(), Waits> {
        let mut all = Running::default();
        running.iter().cloned().for_each(|work| all.add(work));
        all.admits(wants, &limits(), &Exclusion::read(SHIPPED).unwrap())
    }

    #[test]
    fn two_that_change_one_table_wait_for_each_other_if_one_changes_its_structure() {
        let ddl = work(1, TaskKind::Ddl, Some(&["shop.orders", "shop.users"]));
        let on_orders = work(2, TaskKind::Dml, Some(&["shop.orders"]));
        let elsewhere = work(3, TaskKind::Dml, Some(&["shop.items"]));
        let waits = Waits::Ticket { ticket: TicketId(1), table: Some("shop.orders".into()) };
        assert_eq!(admits(std::slice::from_ref(&ddl), &on_orders), Err(waits));
        assert_eq!(admits(std::slice::from_ref(&ddl), &elsewhere), Ok(()));
        assert_eq!(admits(std::slice::from_ref(&on_orders), &on_orders), Ok(()), "DML beside DML");
    }

    #[test]
    fn what_may_touch_anything_waits_for_all_and_all_wait_for_it() {
        let anything = work(1, TaskKind::Ddl, None);
        let dml = work(2, TaskKind::Dml, Some(&["shop.orders"]));
        let waits = |ticket| Err(Waits::Ticket { ticket: TicketId(ticket), table: None });
        assert_eq!(admits(std::slice::from_ref(&anything), &dml), waits(1));
        assert_eq!(admits(&[dml], &anything), waits(2));
    }

    #[test]
    fn another_group_is_another_matter() {
        let there = Work { group: GroupId(2), instance: None, ..work(1, TaskKind::Dml, None) };
        assert_eq!(admits(&[there], &work(2, TaskKind::Ddl, None)), Ok(()));
    }

    #[test]
    fn each_limit_says_which_it_is() {
        let dml = |number| work(number, TaskKind::Dml, Some(&[]));
        let far = |number| Work { instance: Some(format!("db{number}:1")), ..dml(number) };
        let instance = Waits::Instance { instance: "db:3306".into(), limit: 2 };
        assert_eq!(admits(&[dml(1), dml(2)], &dml(3)), Err(instance));
        assert_eq!(admits(&[far(1), far(2), far(3)], &dml(4)), Err(Waits::Group { limit: 3 }));
        let (one, two) = (
            Work { group: GroupId(2), ..work(1, TaskKind::Ddl, Some(&["a.a"])) },
            work(2, TaskKind::Ddl, Some(&["a.b"])),
        );
        assert_eq!(admits(&[one], &two), Err(Waits::Kind { task_kind: TaskKind::Ddl, limit: 1 }));
    }

    fn any_work() -> impl Strategy<Value = Work> {
        let tables = proptest::option::of(proptest::collection::btree_set("[ab]\\.[xyz]", 0..3));
        (1..1_000u64, any::<bool>(), tables).prop_map(|(number, ddl, touches)| Work {
            kind: if ddl { TaskKind::Ddl } else { TaskKind::Dml },
            touches,
            instance: None,
            ..work(number, TaskKind::Dml, None)
        })
    }

    proptest! {
        #[test]
        fn exclusion_is_mutual(a in any_work(), b in any_work()) {
            let shipped = Exclusion::read(SHIPPED).unwrap();
            prop_assert_eq!(excluded(&a, &b, &shipped).is_some(), excluded(&b, &a, &shipped).is_some());
        }
    }
}
