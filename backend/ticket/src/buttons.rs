//! Which verbs a card offers, and what each asks first.

use dbdesk_commands::wire::{
    button::Form,
    cut_over::CutOver,
    ticket::{Risk, TicketState, TicketVerb},
};

/// The verbs of a card in `state`, in the order they are shown; `Fix` only where the review has something to mend,
/// `Collect` and `Renew` only where it made an account, `Undo` only where something is kept that takes it back, `Throttle` only where a table is changed online, and what is
/// said of its cut-over only there and where [`changes_cut_over`].
#[must_use]
pub fn offered(state: TicketState) -> &'static [TicketVerb] {
    use TicketVerb as V;
    match state {
        TicketState::Returned => &[V::Fix, V::Amend, V::Withdraw],
        TicketState::AwaitingChoice => &[V::Fix, V::Amend, V::SendToDba, V::Withdraw],
        TicketState::AwaitingApproval => &[V::Approve, V::Reject, V::Fix, V::Amend, V::Withdraw],
        TicketState::Scheduled => {
            &[V::Run, V::Fix, V::Amend, V::Withdraw, V::Pause, V::Cancel, V::HoldCutOver, V::CutOver]
        }
        TicketState::Held => {
            &[V::Resume, V::Run, V::Fix, V::Amend, V::Withdraw, V::Cancel, V::HoldCutOver, V::CutOver]
        }
        TicketState::Running => &[V::Pause, V::Cancel, V::Throttle, V::HoldCutOver, V::CutOver],
        TicketState::Paused => &[V::Resume, V::Cancel, V::Throttle, V::HoldCutOver, V::CutOver],
        TicketState::Failed | TicketState::Cancelled => &[V::Retry, V::Undo],
        TicketState::Lost => &[V::Retry, V::Skip],
        TicketState::Done => &[V::Collect, V::Renew, V::Undo],
        TicketState::Rejected | TicketState::Withdrawn => &[],
    }
}

/// What pressing `verb` asks first. What destroys something asks for the service group's name.
#[must_use]
pub fn form(verb: TicketVerb, risk: Risk) -> Form {
    match verb {
        TicketVerb::Reject => Form::Reason,
        TicketVerb::Amend => Form::Sql,
        TicketVerb::Skip => Form::Name,
        TicketVerb::Throttle => Form::Limits,
        TicketVerb::Approve | TicketVerb::Run | TicketVerb::Retry if risk == Risk::High => Form::Name,
        TicketVerb::Approve
        | TicketVerb::Run
        | TicketVerb::Retry
        | TicketVerb::Prioritise
        | TicketVerb::Fix
        | TicketVerb::SendToDba
        | TicketVerb::Withdraw
        | TicketVerb::Pause
        | TicketVerb::Resume
        | TicketVerb::Cancel
        | TicketVerb::HoldCutOver
        | TicketVerb::CutOver
        | TicketVerb::Undo
        | TicketVerb::Collect
        | TicketVerb::Renew => Form::Press,
    }
}

/// The same in this state: whoever says what became of a lost statement types the name, whatever the risk.
#[must_use]
pub fn asked(form: Form, state: TicketState) -> Form {
    if state == TicketState::Lost && form == Form::Press { Form::Name } else { form }
}

/// Whether `verb` changes anything of a cut-over of which a DBA has said this. `waits`: it is for a quiet window by itself.
#[must_use]
pub fn changes_cut_over(verb: TicketVerb, said: Option<CutOver>, waits: bool) -> bool {
    match (verb, said) {
        (TicketVerb::HoldCutOver, said) => said != Some(CutOver::Hold),
        (TicketVerb::CutOver, Some(CutOver::Hold | CutOver::Quiet)) => true,
        (TicketVerb::CutOver, None) => waits,
        _ => false,
    }
}

/// Whether this verb ever is a button. A priority is chosen with `/task prioritise`.
#[must_use]
pub fn has_button(verb: TicketVerb) -> bool {
    verb != TicketVerb::Prioritise
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        machine::{Move, apply},
        policy::Verdict,
    };

    #[test]
    fn a_card_offers_exactly_the_verbs_that_its_state_allows() {
        for state in TicketState::ALL {
            for verb in TicketVerb::ALL {
                let possible = apply(state, Move::of_verb(verb, Verdict::MayAsk)).is_ok();
                let (offered, possible) = (offered(state).contains(&verb), possible && has_button(verb));
                let useless = state == TicketState::Running && verb == TicketVerb::Resume;
                assert_eq!(offered, possible && !useless, "{state:?} {verb:?}");
            }
        }
    }

    #[test]
    fn a_cut_over_is_held_where_it_is_not_and_let_go_where_it_waits() {
        let offered = |said, waits| {
            [TicketVerb::HoldCutOver, TicketVerb::CutOver].map(|verb| changes_cut_over(verb, said, waits))
        };
        assert_eq!(offered(None, false), [true, false]);
        assert_eq!(offered(None, true), [true, true]);
        assert_eq!(offered(Some(CutOver::Now), true), [true, false]);
        assert_eq!(offered(Some(CutOver::Quiet), false), [true, true]);
        assert_eq!(offered(Some(CutOver::Hold), false), [false, true]);
        assert!(!changes_cut_over(TicketVerb::Cancel, Some(CutOver::Hold), true));
    }

    #[test]
    fn what_destroys_asks_for_the_name_of_the_service_group() {
        assert_eq!(form(TicketVerb::Approve, Risk::High), Form::Name);
        assert_eq!(form(TicketVerb::Run, Risk::High), Form::Name);
        assert_eq!(form(TicketVerb::Approve, Risk::Medium), Form::Press);
        assert_eq!(form(TicketVerb::Retry, Risk::High), Form::Name);
        let retry = form(TicketVerb::Retry, Risk::Low);
        assert_eq!(asked(retry, TicketState::Failed), Form::Press);
        assert_eq!(asked(retry, TicketState::Lost), Form::Name, "nobody knows what ran");
    }
}
