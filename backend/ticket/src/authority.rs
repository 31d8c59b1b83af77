//! Who may do which verb to whose ticket. The backend asks this for every request, whatever the button said.

use dbdesk_commands::{
    id::PersonId,
    wire::{person::Role, ticket::TicketVerb},
};

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Only the requester may.
    #[error("only the requester may do this")]
    OnlyRequester,
    /// Only a DBA may.
    #[error("only a DBA may do this")]
    OnlyDba,
    /// Only the requester or a DBA may.
    #[error("only the requester or a DBA may do this")]
    OnlyRequesterOrDba,
    /// A DBA, but not on his own ticket.
    #[error("nobody decides on his own ticket")]
    OwnTicket,
}

/// Whether `person` with `roles` may do `verb` to a ticket of `requester`. The role admin gives nothing here by itself.
pub fn may(person: PersonId, roles: &[Role], requester: PersonId, verb: TicketVerb) -> Result<(), Denied> {
    let dba = roles.contains(&Role::Dba);
    let own = person == requester;
    match verb {
        TicketVerb::Amend | TicketVerb::Fix | TicketVerb::SendToDba | TicketVerb::Withdraw => {
            if own {
                Ok(())
            } else {
                Err(Denied::OnlyRequester)
            }
        }
        TicketVerb::Undo if own || dba => Ok(()),
        TicketVerb::Undo => Err(Denied::OnlyRequesterOrDba),
        // To try again is a decision as an approval is.
        TicketVerb::Approve | TicketVerb::Reject | TicketVerb::Retry | TicketVerb::Skip => match (dba, own) {
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
            if dba {
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

    const ANN: PersonId = PersonId(1);
    const BOB: PersonId = PersonId(2);

    #[test]
    fn nobody_approves_his_own_ticket_not_even_a_dba_who_is_admin() {
        let roles = [Role::Developer, Role::Dba, Role::Admin];
        for verb in [TicketVerb::Approve, TicketVerb::Retry, TicketVerb::Skip] {
            assert_eq!(may(BOB, &roles, BOB, verb), Err(Denied::OwnTicket), "{verb:?}");
            assert_eq!(may(BOB, &roles, ANN, verb), Ok(()), "{verb:?}");
        }
    }

    #[test]
    fn an_admin_who_is_no_dba_decides_nothing() {
        for verb in [
            TicketVerb::Approve,
            TicketVerb::Reject,
            TicketVerb::Run,
            TicketVerb::Retry,
            TicketVerb::Prioritise,
        ] {
            assert_eq!(may(BOB, &[Role::Admin], ANN, verb), Err(Denied::OnlyDba), "{verb:?}");
        }
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
            assert_eq!(may(BOB, &[Role::Dba], BOB, verb), Ok(()), "{verb:?}");
            assert_eq!(may(ANN, &[Role::Developer], ANN, verb), Err(Denied::OnlyDba), "{verb:?}");
        }
    }

    #[test]
    fn the_requester_and_any_dba_ask_for_what_takes_a_ticket_back() {
        assert_eq!(may(ANN, &[Role::Developer], ANN, TicketVerb::Undo), Ok(()));
        assert_eq!(may(BOB, &[Role::Dba], ANN, TicketVerb::Undo), Ok(()));
        let denied = Err(Denied::OnlyRequesterOrDba);
        assert_eq!(may(BOB, &[Role::Developer, Role::Admin], ANN, TicketVerb::Undo), denied);
    }

    #[test]
    fn only_the_requester_amends_sends_on_and_withdraws() {
        for verb in [TicketVerb::Amend, TicketVerb::Fix, TicketVerb::SendToDba, TicketVerb::Withdraw] {
            assert_eq!(may(ANN, &[Role::Developer], ANN, verb), Ok(()));
            assert_eq!(may(BOB, &[Role::Dba], ANN, verb), Err(Denied::OnlyRequester), "{verb:?}");
        }
    }
}
