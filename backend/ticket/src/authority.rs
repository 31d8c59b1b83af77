//! Who may do which verb to whose ticket, and who sees it. The backend asks this for every request, whatever the button said.

use dbdesk_commands::{id::PersonId, wire::ticket::TicketVerb};

/// How a person stands to a ticket. Where nothing is said, he may nothing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, and any of them may go together"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub person: PersonId,
    /// He is a DBA of the ticket's service group.
    pub is_dba: bool,
    /// He is in a group that a step of its approval asks, or stands in for somebody who is.
    pub is_asked: bool,
    /// He is of the team that it was filed from.
    pub is_of_team: bool,
    /// An emergency of his is on, on its service group.
    pub in_emergency: bool,
}

impl Standing {
    /// Somebody who has nothing to do with it.
    #[must_use]
    pub fn stranger(person: PersonId) -> Self {
        Self { person, is_dba: false, is_asked: false, is_of_team: false, in_emergency: false }
    }
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Only the requester may.
    #[error("only the requester may do this")]
    OnlyRequester,
    /// Only a DBA of the service group may.
    #[error("only a DBA may do this")]
    OnlyDba,
    /// Only the requester or a DBA may.
    #[error("only the requester or a DBA may do this")]
    OnlyRequesterOrDba,
    /// Only those may whom policy asks.
    #[error("only those whom policy asks may do this")]
    OnlyAsked,
    /// One who may decide, but not on his own ticket.
    #[error("nobody decides on his own ticket")]
    OwnTicket,
}

/// Whether he sees it at all. To others it is not there. The role admin gives nothing here.
#[must_use]
pub fn sees(who: Standing, requester: PersonId) -> bool {
    who.person == requester || who.is_of_team || who.is_dba || who.is_asked
}

/// Whether he may do `verb` to a ticket of `requester`. The role admin gives nothing here by itself.
pub fn may(who: Standing, requester: PersonId, verb: TicketVerb) -> Result<(), Denied> {
    let own = who.person == requester;
    // In an emergency a DBA decides alone, on his own ticket, too.
    let emergency = who.is_dba && who.in_emergency;
    match verb {
        TicketVerb::Amend
        | TicketVerb::Fix
        | TicketVerb::SendToDba
        | TicketVerb::Withdraw
        | TicketVerb::Collect => {
            if own {
                Ok(())
            } else {
                Err(Denied::OnlyRequester)
            }
        }
        TicketVerb::Undo | TicketVerb::Renew if own || who.is_dba => Ok(()),
        TicketVerb::Undo | TicketVerb::Renew => Err(Denied::OnlyRequesterOrDba),
        TicketVerb::Approve | TicketVerb::Reject if emergency => Ok(()),
        TicketVerb::Approve | TicketVerb::Reject => {
            let decides = who.is_asked || (verb == TicketVerb::Reject && who.is_dba);
            match (decides, own) {
                (false, _) => Err(Denied::OnlyAsked),
                (true, true) => Err(Denied::OwnTicket),
                (true, false) => Ok(()),
            }
        }
        // To try again is a decision as an approval is.
        TicketVerb::Retry | TicketVerb::Skip => match (who.is_dba, own && !emergency) {
            (false, _) => Err(Denied::OnlyDba),
            (true, true) => Err(Denied::OwnTicket),
            (true, false) => Ok(()),
        },
        // What runs is steered by whoever watches the servers: what it costs others is not seen from the ticket.
        TicketVerb::Run
        | TicketVerb::Pause
        | TicketVerb::Resume
        | TicketVerb::Cancel
        | TicketVerb::Throttle
        | TicketVerb::HoldCutOver
        | TicketVerb::CutOver
        | TicketVerb::Prioritise => {
            if who.is_dba {
                Ok(())
            } else {
                Err(Denied::OnlyDba)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        approval::{Approver, Given, Step, approve, open},
        machine::{Move, apply},
        people::{DBA, Groups, Member},
        policy::Verdict,
    };
    use dbdesk_commands::wire::{person::Role, ticket::TicketState, why::WhyPerson};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const ANN: PersonId = PersonId(1);
    const BOB: PersonId = PersonId(2);

    fn dba(person: PersonId) -> Standing {
        Standing { is_dba: true, is_asked: true, ..Standing::stranger(person) }
    }

    #[test]
    fn nobody_decides_on_his_own_ticket_not_even_a_dba() {
        for verb in [TicketVerb::Approve, TicketVerb::Reject, TicketVerb::Retry, TicketVerb::Skip] {
            assert_eq!(may(dba(BOB), BOB, verb), Err(Denied::OwnTicket), "{verb:?}");
            assert_eq!(may(dba(BOB), ANN, verb), Ok(()), "{verb:?}");
        }
    }

    #[test]
    fn in_an_emergency_a_dba_decides_alone_and_nobody_else_does() {
        let emergency = Standing { in_emergency: true, ..dba(BOB) };
        for verb in [TicketVerb::Approve, TicketVerb::Retry, TicketVerb::Skip] {
            assert_eq!(may(emergency, BOB, verb), Ok(()), "{verb:?}");
            let no_dba = Standing { is_dba: false, is_asked: false, ..emergency };
            assert!(may(no_dba, ANN, verb).is_err(), "{verb:?}");
        }
        assert_eq!(may(emergency, ANN, TicketVerb::Amend), Err(Denied::OnlyRequester));
    }

    #[test]
    fn who_has_nothing_to_do_with_a_ticket_may_nothing_and_does_not_see_it() {
        let stranger = Standing::stranger(BOB);
        assert!(!sees(stranger, ANN));
        for verb in TicketVerb::ALL {
            assert!(may(stranger, ANN, verb).is_err(), "{verb:?}");
        }
        for who in [
            Standing { is_dba: true, ..stranger },
            Standing { is_asked: true, ..stranger },
            Standing { is_of_team: true, ..stranger },
            Standing::stranger(ANN),
        ] {
            assert!(sees(who, ANN), "{who:?}");
        }
        assert!(!sees(Standing { in_emergency: true, ..stranger }, ANN), "an emergency alone shows nothing");
    }

    #[test]
    fn who_is_asked_and_no_dba_approves_and_rejects_and_steers_nothing() {
        let asked = Standing { is_asked: true, ..Standing::stranger(BOB) };
        for verb in TicketVerb::ALL {
            let decides = matches!(verb, TicketVerb::Approve | TicketVerb::Reject);
            assert_eq!(may(asked, ANN, verb).is_ok(), decides, "{verb:?}");
        }
        let dba = Standing { is_dba: true, ..Standing::stranger(BOB) };
        assert_eq!(may(dba, ANN, TicketVerb::Approve), Err(Denied::OnlyAsked), "policy asks others");
        assert_eq!(may(dba, ANN, TicketVerb::Reject), Ok(()));
    }

    #[test]
    fn what_runs_is_steered_by_a_dba_also_on_his_own_ticket_and_by_no_requester() {
        for verb in [
            TicketVerb::Pause,
            TicketVerb::Resume,
            TicketVerb::Cancel,
            TicketVerb::Throttle,
            TicketVerb::HoldCutOver,
            TicketVerb::CutOver,
        ] {
            assert_eq!(may(dba(BOB), BOB, verb), Ok(()), "{verb:?}");
            assert_eq!(may(Standing::stranger(ANN), ANN, verb), Err(Denied::OnlyDba), "{verb:?}");
        }
    }

    #[test]
    fn the_requester_and_any_dba_ask_for_what_takes_a_ticket_back() {
        assert_eq!(may(Standing::stranger(ANN), ANN, TicketVerb::Undo), Ok(()));
        assert_eq!(may(dba(BOB), ANN, TicketVerb::Undo), Ok(()));
        let team = Standing { is_of_team: true, ..Standing::stranger(BOB) };
        assert_eq!(may(team, ANN, TicketVerb::Undo), Err(Denied::OnlyRequesterOrDba));
    }

    #[test]
    fn only_the_requester_amends_sends_on_and_withdraws() {
        for verb in [TicketVerb::Amend, TicketVerb::Fix, TicketVerb::SendToDba, TicketVerb::Withdraw] {
            assert_eq!(may(Standing::stranger(ANN), ANN, verb), Ok(()));
            assert_eq!(may(dba(BOB), ANN, verb), Err(Denied::OnlyRequester), "{verb:?}");
        }
    }

    /// What one person tries on the ticket.
    #[derive(Debug, Clone)]
    struct Try {
        person: usize,
        verb: TicketVerb,
    }

    /// A ticket as the service moves it: state, steps, and what was given.
    struct World {
        people: Vec<Member>,
        leave: Vec<(usize, usize)>,
        groups: Groups,
        dbas: Option<&'static str>,
        steps: Vec<Step>,
        state: TicketState,
        given: Vec<Given>,
        amended: Verdict,
    }

    impl World {
        fn tries(&mut self, it: &Try) {
            let who = &self.people[it.person];
            let groups = self.groups.beside(self.dbas, who);
            let stands_in_for: Vec<_> = self
                .leave
                .iter()
                .filter(|(_, to)| *to == it.person)
                .map(|(from, _)| (self.people[*from].id, self.groups.beside(self.dbas, &self.people[*from])))
                .collect();
            let others = stands_in_for.iter().filter(|(id, _)| *id != ANN).map(|(_, groups)| groups);
            let asked = self.steps.iter().any(|step| {
                groups.contains(step.from.as_str())
                    || others.clone().any(|groups: &BTreeSet<&str>| groups.contains(step.from.as_str()))
            });
            let standing = Standing {
                is_dba: groups.contains(DBA),
                is_asked: asked,
                is_of_team: true,
                ..Standing::stranger(who.id)
            };
            if may(standing, ANN, it.verb).is_err() {
                return;
            }
            let coming = if it.verb == TicketVerb::Approve {
                let approver = Approver { id: who.id, groups, stands_in_for };
                let Ok(one) = approve(&self.steps, &self.given, &approver, ANN) else { return };
                let after: Vec<Given> = self.given.iter().copied().chain([one]).collect();
                let complete = open(&self.steps, &after).is_none();
                let coming = if complete { Move::Approve } else { Move::ApproveStep };
                if apply(self.state, coming).is_ok() {
                    self.given = after;
                }
                coming
            } else {
                Move::of_verb(it.verb, self.amended)
            };
            if let Ok(next) = apply(self.state, coming) {
                if matches!(coming, Move::Amend(_)) {
                    self.given.clear();
                }
                self.state = next;
            }
        }
    }

    fn person(at: usize, role: Role, team: Option<&str>) -> Member {
        let id = PersonId(at as u64 + 1);
        Member { id, name: format!("p{at}"), roles: vec![role], team: team.map(str::to_owned) }
    }

    fn tries() -> impl Strategy<Value = Vec<Try>> {
        let verb = (0..TicketVerb::ALL.len()).prop_map(|at| TicketVerb::ALL[at]);
        proptest::collection::vec((0..6_usize, verb).prop_map(|(person, verb)| Try { person, verb }), 0..60)
    }

    proptest! {
        /// p0 is the requester; p1 to p3 are developers and an admin; p4 is a DBA of other service groups only; p5 is on leave, and p1
        /// stands in for p4. None of them has authority here.
        #[test]
        fn no_sequence_of_events_by_people_without_authority_moves_a_ticket_to_approved(
            tries in tries(), must in 0..2_usize, steps in 1..3_usize,
        ) {
            let groups = toml::from_str::<Groups>(
                "shop-dbas = { people = [\"nobody\"] }\nleads = { people = [] }\n").expect("groups");
            let step = |from: &str| Step { from: from.to_owned(), needs: std::num::NonZeroU8::MIN };
            let mut world = World {
                people: vec![
                    person(0, Role::Developer, Some("shop")),
                    person(1, Role::Developer, Some("shop")),
                    person(2, Role::Admin, Some("shop")),
                    person(3, Role::Developer, None),
                    person(4, Role::Dba, Some("pay")),
                    person(5, Role::Admin, None),
                ],
                leave: vec![(4, 1), (5, 0), (0, 1)],
                groups,
                dbas: Some("shop-dbas"),
                steps: [step("leads"), step(DBA)].into_iter().rev().take(steps).collect(),
                state: TicketState::AwaitingApproval,
                given: Vec::new(),
                amended: [Verdict::NeedsPerson(WhyPerson::Rule), Verdict::MayAsk][must],
            };
            for it in &tries {
                world.tries(it);
                let open = matches!(world.state, TicketState::AwaitingApproval | TicketState::AwaitingChoice
                    | TicketState::Returned | TicketState::Withdrawn);
                prop_assert!(open, "{it:?} led to {:?}", world.state);
                prop_assert!(world.given.is_empty(), "{it:?} counts");
            }
        }
    }

    #[test]
    fn with_authority_the_same_world_does_lead_to_approved() {
        let groups = toml::from_str::<Groups>("shop-dbas = { people = [\"p1\"] }\n").unwrap();
        let mut world = World {
            people: vec![person(0, Role::Developer, None), person(1, Role::Dba, None)],
            leave: Vec::new(),
            groups,
            dbas: Some("shop-dbas"),
            steps: vec![crate::rule::one_dba()],
            state: TicketState::AwaitingApproval,
            given: Vec::new(),
            amended: Verdict::MayAsk,
        };
        world.tries(&Try { person: 0, verb: TicketVerb::Approve });
        assert_eq!(world.state, TicketState::AwaitingApproval);
        world.tries(&Try { person: 1, verb: TicketVerb::Approve });
        assert_eq!(world.state, TicketState::Scheduled);
    }
}
