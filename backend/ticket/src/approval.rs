//! The steps of an approval: each by so many different people of a group, one step after the other.
//!
//! Nobody counts twice, in whichever group he is and for whomever he stands in, and the requester never counts: not as himself, not through
//! somebody who stands in for him, not as an admin.

use dbdesk_commands::id::PersonId;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, num::NonZeroU8};

/// A step: so many different people of a group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The group's name.
    pub from: String,
    /// How many of it.
    pub needs: NonZeroU8,
}

/// An approval that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// At which step, from 0.
    pub step: u8,
    /// By whom.
    pub by: PersonId,
    /// For whom he stood in.
    pub stood_in_for: Option<PersonId>,
}

/// The step that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Which, from 0.
    pub step: u8,
    /// So many approvals are missing there.
    pub missing: u8,
}

/// Somebody who would approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver<'a> {
    /// Who.
    pub id: PersonId,
    /// The groups that he belongs to, with [`crate::people::DBA`] where he is one of the service group's.
    pub groups: BTreeSet<&'a str>,
    /// Those for whom he stands in now, with their groups.
    pub stands_in_for: Vec<(PersonId, BTreeSet<&'a str>)>,
}

/// Why somebody's approval does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoApproval {
    /// It is his own.
    #[error("nobody decides on his own ticket")]
    Own,
    /// He has approved it already, or stood in for somebody who would count now.
    #[error("this person counts already")]
    Already,
    /// He belongs to none of the groups.
    #[error("this person is in none of the groups that approve")]
    NotAsked,
    /// He belongs to another step than the one that is open.
    #[error("the approval of {0} comes first")]
    NotYet(String),
    /// Nothing is open.
    #[error("nothing is left to approve")]
    Complete,
}

/// The first step that lacks somebody; `None` where every step is complete.
#[must_use]
pub fn open(steps: &[Step], given: &[Given]) -> Option<Open> {
    (0_u8..).zip(steps).find_map(|(step, wanted)| {
        let people: BTreeSet<_> = given.iter().filter(|one| one.step == step).map(|one| one.by).collect();
        let missing = wanted.needs.get().saturating_sub(u8::try_from(people.len()).unwrap_or(u8::MAX));
        (missing > 0).then_some(Open { step, missing })
    })
}

/// The approval that this person gives now, or why it would not count.
///
/// # Errors
/// [`NoApproval`].
pub fn approve(
    steps: &[Step],
    given: &[Given],
    who: &Approver<'_>,
    requester: PersonId,
) -> Result<Given, NoApproval> {
    if who.id == requester {
        return Err(NoApproval::Own);
    }
    let open = open(steps, given).ok_or(NoApproval::Complete)?;
    let from =
        steps.get(usize::from(open.step)).map(|step| step.from.as_str()).ok_or(NoApproval::Complete)?;
    let counts = |id| given.iter().any(|one| one.by == id || one.stood_in_for == Some(id));
    if counts(who.id) {
        return Err(NoApproval::Already);
    }
    if who.groups.contains(from) {
        return Ok(Given { step: open.step, by: who.id, stood_in_for: None });
    }
    let others = who.stands_in_for.iter().filter(|(id, _)| *id != requester && *id != who.id);
    let able: Vec<PersonId> =
        others.clone().filter(|(_, groups)| groups.contains(from)).map(|(id, _)| *id).collect();
    if let Some(other) = able.iter().copied().find(|id| !counts(*id)) {
        return Ok(Given { step: open.step, by: who.id, stood_in_for: Some(other) });
    }
    if !able.is_empty() {
        return Err(NoApproval::Already);
    }
    let is_asked =
        |name: &str| who.groups.contains(name) || others.clone().any(|(_, groups)| groups.contains(name));
    if steps.iter().any(|step| is_asked(&step.from)) {
        Err(NoApproval::NotYet(from.to_owned()))
    } else {
        Err(NoApproval::NotAsked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANN: PersonId = PersonId(1);
    const BOB: PersonId = PersonId(2);
    const MEI: PersonId = PersonId(3);
    const LEA: PersonId = PersonId(4);

    fn step(from: &str, needs: u8) -> Step {
        Step { from: from.to_owned(), needs: NonZeroU8::new(needs).unwrap() }
    }

    fn who<'a>(id: PersonId, groups: &[&'a str]) -> Approver<'a> {
        Approver { id, groups: groups.iter().copied().collect(), stands_in_for: Vec::new() }
    }

    fn by(step: u8, by: PersonId) -> Given {
        Given { step, by, stood_in_for: None }
    }

    #[test]
    fn steps_are_taken_one_after_the_other_by_so_many_different_people() {
        let steps = [step("leads", 1), step("dba", 2)];
        let (lea, bob, mei) = (who(LEA, &["leads"]), who(BOB, &["dba"]), who(MEI, &["dba", "leads"]));
        assert_eq!(approve(&steps, &[], &bob, ANN), Err(NoApproval::NotYet("leads".to_owned())));
        assert_eq!(approve(&steps, &[], &lea, ANN), Ok(by(0, LEA)));
        let given = [by(0, LEA)];
        assert_eq!(open(&steps, &given), Some(Open { step: 1, missing: 2 }));
        assert_eq!(approve(&steps, &given, &lea, ANN), Err(NoApproval::Already));
        let given = [by(0, LEA), by(1, BOB)];
        assert_eq!(approve(&steps, &given, &bob, ANN), Err(NoApproval::Already));
        assert_eq!(approve(&steps, &given, &mei, ANN), Ok(by(1, MEI)));
        let given = [by(0, LEA), by(1, BOB), by(1, MEI)];
        assert_eq!(open(&steps, &given), None);
        assert_eq!(approve(&steps, &given, &who(PersonId(9), &["dba"]), ANN), Err(NoApproval::Complete));
    }

    #[test]
    fn who_is_in_two_groups_counts_once() {
        let steps = [step("leads", 1), step("dba", 1)];
        let mei = who(MEI, &["dba", "leads"]);
        assert_eq!(approve(&steps, &[], &mei, ANN), Ok(by(0, MEI)));
        assert_eq!(approve(&steps, &[by(0, MEI)], &mei, ANN), Err(NoApproval::Already));
    }

    #[test]
    fn nobody_stands_in_for_the_requester_or_for_one_who_counts_already() {
        let steps = [step("dba", 2)];
        let for_whom = |id| Approver { stands_in_for: vec![(id, BTreeSet::from(["dba"]))], ..who(LEA, &[]) };
        assert_eq!(approve(&steps, &[], &for_whom(ANN), ANN), Err(NoApproval::NotAsked));
        assert_eq!(approve(&steps, &[], &for_whom(LEA), ANN), Err(NoApproval::NotAsked));
        let standing_in = Given { step: 0, by: LEA, stood_in_for: Some(BOB) };
        assert_eq!(approve(&steps, &[], &for_whom(BOB), ANN), Ok(standing_in));
        assert_eq!(approve(&steps, &[by(0, BOB)], &for_whom(BOB), ANN), Err(NoApproval::Already));
        assert_eq!(approve(&steps, &[standing_in], &who(BOB, &["dba"]), ANN), Err(NoApproval::Already));
    }

    #[test]
    fn who_is_in_no_group_is_not_asked_whatever_he_is_called() {
        assert_eq!(
            approve(&[step("dba", 1)], &[], &who(BOB, &["db", "dbas", "DBA", ""]), ANN),
            Err(NoApproval::NotAsked)
        );
        assert_eq!(approve(&[], &[], &who(BOB, &["dba"]), ANN), Err(NoApproval::Complete));
    }

    const NAMES: [&str; 3] = ["dba", "leads", "owners"];

    prop_compose! {
        fn some_groups()(bits in 0_u8..8) -> BTreeSet<&'static str> {
            (0..3).filter(|at| bits & (1 << at) != 0).map(|at| NAMES[at]).collect()
        }
    }

    proptest! {
        #[test]
        fn whoever_presses_how_often_each_step_has_its_people_and_nobody_counts_twice(
            steps in proptest::collection::vec((0..3_usize, 1_u8..4), 1..4),
            groups in proptest::collection::vec(some_groups(), 6),
            leave in proptest::collection::vec((0..6_usize, 0..6_usize), 0..6),
            presses in proptest::collection::vec(0..6_usize, 0..40),
            requester in 0..6_usize,
        ) {
            let steps: Vec<Step> = steps.into_iter().map(|(name, needs)| step(NAMES[name], needs)).collect();
            let id = |at: usize| PersonId(at as u64);
            let approver = |at: usize| Approver {
                id: id(at),
                groups: groups[at].clone(),
                stands_in_for: leave.iter().filter(|(_, to)| *to == at).map(|(from, _)| (id(*from), groups[*from].clone())).collect(),
            };
            let mut given: Vec<Given> = Vec::new();
            for at in presses {
                if let Ok(one) = approve(&steps, &given, &approver(at), id(requester)) {
                    given.push(one);
                }
            }
            let mut counted = BTreeSet::new();
            for one in &given {
                let as_whom = one.stood_in_for.unwrap_or(one.by);
                prop_assert!(one.by != id(requester) && as_whom != id(requester));
                let name = steps[usize::from(one.step)].from.as_str();
                prop_assert!(groups[usize::try_from(as_whom.0).unwrap()].contains(name), "{one:?} is not of {name}");
                prop_assert!(counted.insert(one.by));
                prop_assert!(one.stood_in_for.is_none_or(|other| counted.insert(other)));
            }
            for (at, wanted) in (0_u8..).zip(&steps) {
                let here = given.iter().filter(|one| one.step == at).count();
                prop_assert!(here <= usize::from(wanted.needs.get()));
                let before = steps.iter().zip(0_u8..).filter(|(_, step)| *step < at);
                for (earlier, step) in before {
                    let full = given.iter().filter(|one| one.step == step).count() == usize::from(earlier.needs.get());
                    prop_assert!(here == 0 || full, "a later step before an earlier one");
                }
            }
        }
    }
}
