//! The ticket's states and moves.

use crate::policy::Verdict;
use dbdesk_commands::wire::{
    ticket::{TicketState, TicketVerb},
    why::WhyPerson,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a task ended, as its ticket sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskEnd {
    /// Every statement ran.
    Succeeded,
    /// A statement failed, or the process ended between two statements.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// Nobody knows whether the last statement ran.
    Lost,
}

/// Everything that can come to a ticket after it was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// The requester replaced the SQL; the review of the new one said this.
    Amend(Verdict),
    /// The requester sends it on to a DBA.
    SendToDba,
    /// The last one who has to approves.
    Approve,
    /// Somebody approves, and others have to as well.
    ApproveStep,
    /// A DBA rejects.
    Reject,
    /// The requester takes it back.
    Withdraw,
    /// A DBA moves its start to now.
    Run,
    /// A DBA asks it to hold. Before it runs it is kept from starting; later its process holds.
    AskPause,
    /// A DBA asks it to go on.
    AskResume,
    /// A DBA asks it to stop. Before it runs it stops at once; later its process stops it.
    AskCancel,
    /// A DBA sets how much lag and load its running work may meet.
    Throttle,
    /// A DBA keeps a copy that is complete from taking its table's place.
    HoldCutOver,
    /// A DBA lets it.
    CutOver,
    /// A DBA has it tried again.
    Retry,
    /// A DBA says that the statement in which it was lost did run, and others are left.
    Skip,
    /// The same, and none is left.
    SkipLast,
    /// A DBA moves it before or behind others.
    Prioritise,
    /// Another ticket is filed that takes it back.
    Undo,
    /// The password of its account is handed over.
    Collect,
    /// Another ticket is filed that lets its account live on.
    Renew,
    /// The approval was not used in time.
    ApprovalExpired,
    /// A process claimed its task.
    TaskStarted,
    /// The process holds.
    TaskPaused,
    /// The process goes on.
    TaskResumed,
    /// The task ended because of what is around it, and a new one tries again.
    TaskRepeats,
    /// The task ended.
    TaskEnded(TaskEnd),
}

impl Move {
    /// One of each, for the matrix.
    pub const ALL: [Self; 32] = [
        Self::Amend(Verdict::MustAmend),
        Self::Amend(Verdict::MayAsk),
        Self::Amend(Verdict::NeedsPerson(WhyPerson::Rule)),
        Self::Amend(Verdict::Passes),
        Self::SendToDba,
        Self::Approve,
        Self::ApproveStep,
        Self::Reject,
        Self::Withdraw,
        Self::Run,
        Self::AskPause,
        Self::AskResume,
        Self::AskCancel,
        Self::Throttle,
        Self::HoldCutOver,
        Self::CutOver,
        Self::Retry,
        Self::Skip,
        Self::SkipLast,
        Self::Prioritise,
        Self::Undo,
        Self::Collect,
        Self::Renew,
        Self::ApprovalExpired,
        Self::TaskStarted,
        Self::TaskPaused,
        Self::TaskResumed,
        Self::TaskRepeats,
        Self::TaskEnded(TaskEnd::Succeeded),
        Self::TaskEnded(TaskEnd::Failed),
        Self::TaskEnded(TaskEnd::Cancelled),
        Self::TaskEnded(TaskEnd::Lost),
    ];

    /// The move that a person's verb makes; `Amend` needs its review first.
    #[must_use]
    pub fn of_verb(verb: TicketVerb, amended: Verdict) -> Self {
        match verb {
            TicketVerb::Approve => Self::Approve,
            TicketVerb::Reject => Self::Reject,
            TicketVerb::SendToDba => Self::SendToDba,
            TicketVerb::Amend | TicketVerb::Fix => Self::Amend(amended),
            TicketVerb::Withdraw => Self::Withdraw,
            TicketVerb::Run => Self::Run,
            TicketVerb::Pause => Self::AskPause,
            TicketVerb::Resume => Self::AskResume,
            TicketVerb::Cancel => Self::AskCancel,
            TicketVerb::Throttle => Self::Throttle,
            TicketVerb::HoldCutOver => Self::HoldCutOver,
            TicketVerb::CutOver => Self::CutOver,
            TicketVerb::Retry => Self::Retry,
            TicketVerb::Skip => Self::Skip,
            TicketVerb::Prioritise => Self::Prioritise,
            TicketVerb::Undo => Self::Undo,
            TicketVerb::Collect => Self::Collect,
            TicketVerb::Renew => Self::Renew,
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Whatever the reason, it is the same move.
            Self::Amend(Verdict::NeedsPerson(_)) => f.write_str("Amend(NeedsPerson)"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// The move is not possible in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{tried} is not possible while the ticket is {}", .state.word())]
pub struct Illegal {
    /// The state it is in.
    pub state: TicketState,
    /// What was tried.
    pub tried: Move,
}

/// Where a ticket goes right after its review.
#[must_use]
pub fn filed(verdict: Verdict) -> TicketState {
    match verdict {
        Verdict::MustAmend => TicketState::Returned,
        Verdict::MayAsk => TicketState::AwaitingChoice,
        Verdict::NeedsPerson(_) => TicketState::AwaitingApproval,
        Verdict::Passes => TicketState::Scheduled,
    }
}

/// The state after `coming`, or [`Illegal`]. Anything not written here is illegal.
#[expect(clippy::match_same_arms, reason = "a line for each move: people read this as a table")]
pub fn apply(state: TicketState, coming: Move) -> Result<TicketState, Illegal> {
    use TicketState as S;
    let next = match (state, coming) {
        (
            S::Returned | S::AwaitingChoice | S::AwaitingApproval | S::Scheduled | S::Held,
            Move::Amend(verdict),
        ) => filed(verdict),
        (S::Returned | S::AwaitingChoice | S::AwaitingApproval | S::Scheduled | S::Held, Move::Withdraw) => {
            S::Withdrawn
        }
        (S::AwaitingChoice, Move::SendToDba) => S::AwaitingApproval,
        (S::AwaitingApproval, Move::Approve) => S::Scheduled,
        (S::AwaitingApproval, Move::ApproveStep) => S::AwaitingApproval,
        (S::AwaitingApproval, Move::Reject) => S::Rejected,
        (S::Scheduled | S::Held, Move::Run) => S::Scheduled,
        (S::Scheduled | S::Held, Move::ApprovalExpired) => S::AwaitingApproval,
        (S::Scheduled | S::Held, Move::AskCancel) => S::Cancelled,
        (S::Scheduled, Move::AskPause) => S::Held,
        (S::Held, Move::AskResume) => S::Scheduled,
        (S::Scheduled, Move::TaskStarted) => S::Running,
        (S::Running, Move::AskPause | Move::AskResume | Move::AskCancel) => S::Running,
        (S::Paused, Move::AskResume | Move::AskCancel) => S::Paused,
        (state @ (S::Running | S::Paused), Move::Throttle) => state,
        (state @ (S::Scheduled | S::Held | S::Running | S::Paused), Move::HoldCutOver | Move::CutOver) => {
            state
        }
        (S::Running, Move::TaskPaused) => S::Paused,
        (S::Paused, Move::TaskResumed) => S::Running,
        (S::Running | S::Paused, Move::TaskRepeats) => S::Scheduled,
        (S::Running | S::Paused, Move::TaskEnded(end)) => ended(end),
        (S::Failed | S::Cancelled | S::Lost, Move::Retry) => S::Scheduled,
        (S::Lost, Move::Skip) => S::Scheduled,
        (S::Lost, Move::SkipLast) => S::Done,
        (state @ (S::AwaitingApproval | S::Scheduled | S::Held), Move::Prioritise) => state,
        (state @ (S::Done | S::Failed | S::Cancelled), Move::Undo) => state,
        (S::Done, Move::Collect | Move::Renew) => S::Done,
        (state, tried) => return Err(Illegal { state, tried }),
    };
    Ok(next)
}

fn ended(end: TaskEnd) -> TicketState {
    match end {
        TaskEnd::Succeeded => TicketState::Done,
        TaskEnd::Failed => TicketState::Failed,
        TaskEnd::Cancelled => TicketState::Cancelled,
        TaskEnd::Lost => TicketState::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    #[test]
    fn the_matrix_of_states_and_moves_is_this_one() {
        let mut matrix = String::new();
        for state in TicketState::ALL {
            for coming in Move::ALL {
                if let Ok(next) = apply(state, coming) {
                    writeln!(matrix, "{:<18} {:<24} {}", state.word(), coming.to_string(), next.word())
                        .unwrap();
                }
            }
        }
        insta::assert_snapshot!(matrix);
    }

    #[test]
    fn an_illegal_move_is_refused_with_both_names() {
        let illegal = apply(TicketState::Done, Move::Approve).unwrap_err();
        assert_eq!(illegal.to_string(), "Approve is not possible while the ticket is done");
    }

    proptest! {
        #[test]
        fn a_final_state_is_left_only_by_a_person_s_retry_or_skip(
            state in 0..TicketState::ALL.len(), coming in 0..Move::ALL.len(),
        ) {
            let (state, coming) = (TicketState::ALL[state], Move::ALL[coming]);
            let again = matches!(coming, Move::Retry | Move::Skip | Move::SkipLast);
            let stays = apply(state, coming).is_ok_and(|next| next == state);
            prop_assert!(!state.is_final() || again || stays || apply(state, coming).is_err());
        }

        #[test]
        fn only_approval_or_policy_leads_to_a_start(moves in proptest::collection::vec(0..Move::ALL.len(), 0..40)) {
            let (mut state, mut allowed) = (TicketState::Returned, false);
            for coming in moves.into_iter().map(|index| Move::ALL[index]) {
                if let Ok(next) = apply(state, coming) {
                    match coming {
                        Move::Approve | Move::Retry | Move::Skip | Move::Amend(Verdict::Passes) => allowed = true,
                        Move::Amend(_) | Move::ApprovalExpired => allowed = false,
                        _ => {}
                    }
                    prop_assert!(next != TicketState::Running || allowed);
                    state = next;
                }
            }
        }
    }
}
