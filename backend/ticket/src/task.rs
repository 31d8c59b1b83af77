//! The task's states and moves.

use crate::machine::TaskEnd;
use chrono::TimeDelta;
use dbdesk_commands::wire::{entry::Cause, task::TaskState};

/// What this program understands of a task's row. A program claims only tasks of its own protocol or an older one, so a new
/// kind of work raises it, and what an old program made is done by a new one.
pub const PROTOCOL: u32 = 6;

/// Everything that can come to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskMove {
    /// Its time came, or a DBA moved it to now.
    Due,
    /// A process claimed it.
    Claim,
    /// The process holds between two statements.
    Pause,
    /// The process goes on.
    Resume,
    /// The process, or the reconciler in its place, ended it.
    End(TaskEnd),
    /// Its ticket was withdrawn, amended, cancelled, or its approval expired before a process claimed it.
    Drop,
}

/// The move is not possible in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{tried:?} is not possible while the task is {}", .state.word())]
pub struct IllegalTask {
    /// The state it is in.
    pub state: TaskState,
    /// What was tried.
    pub tried: TaskMove,
}

/// What a person wants of a running task; its process looks between statements and at every heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Go on.
    Go,
    /// Hold between two statements.
    Pause,
    /// Stop between two statements, between two chunks of one, or in the middle of a copy that leaves no trace.
    Stop,
    /// Stop, also in the middle of a statement.
    Cancel,
}

impl Wish {
    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Pause => "pause",
            Self::Stop => "stop",
            Self::Cancel => "cancel",
        }
    }

    /// The wish with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Go, Self::Pause, Self::Stop, Self::Cancel].into_iter().find(|wish| wish.word() == word)
    }
}

/// The state after `coming`, or [`IllegalTask`]. Anything not written here is illegal.
#[expect(clippy::match_same_arms, reason = "a line for each move: people read this as a table")]
pub fn apply(state: TaskState, coming: TaskMove) -> Result<TaskState, IllegalTask> {
    use TaskState as S;
    let next = match (state, coming) {
        (S::Waiting | S::Ready, TaskMove::Due) => S::Ready,
        (S::Ready, TaskMove::Claim) => S::Running,
        (S::Running, TaskMove::Pause) => S::Paused,
        (S::Paused, TaskMove::Resume) => S::Running,
        (S::Running | S::Paused, TaskMove::End(TaskEnd::Succeeded)) => S::Succeeded,
        (S::Running | S::Paused, TaskMove::End(TaskEnd::Failed)) => S::Failed,
        (S::Running | S::Paused, TaskMove::End(TaskEnd::Cancelled)) => S::Cancelled,
        (S::Running | S::Paused, TaskMove::End(TaskEnd::Lost)) => S::Lost,
        (S::Waiting | S::Ready, TaskMove::Drop) => S::Cancelled,
        (state, tried) => return Err(IllegalTask { state, tried }),
    };
    Ok(next)
}

/// How a task ends whose process vanished: with a statement in flight nobody knows; between two statements everything is known.
#[must_use]
pub fn end_of_vanished(in_flight: bool) -> TaskEnd {
    if in_flight { TaskEnd::Lost } else { TaskEnd::Failed }
}

/// One piece of work is tried so often by itself.
pub const MOST_ATTEMPTS: u32 = 4;

/// How long to wait until work that ended so is tried again by itself; `None`: it is not. Only what is around the work passes
/// by waiting: a statement that the server refused, it refuses again.
#[must_use]
pub fn repeats(repeatable: bool, wish: Wish, attempt: u32, cause: Option<Cause>) -> Option<TimeDelta> {
    const FIRST_WAIT_S: i64 = 10;
    let passes = matches!(
        cause?,
        Cause::ProcessGone | Cause::LeaseLost | Cause::ConnectionLost | Cause::TargetDown | Cause::Stopped
    );
    let may = !matches!(wish, Wish::Stop | Wish::Cancel);
    let again = repeatable && passes && may && attempt < MOST_ATTEMPTS;
    again.then(|| TimeDelta::seconds(FIRST_WAIT_S * 3_i64.pow(attempt.saturating_sub(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_runs_only_once_and_never_after_its_end() {
        for state in TaskState::ALL {
            assert_eq!(apply(state, TaskMove::Claim).is_ok(), state == TaskState::Ready, "{state:?}");
            if state.is_final() {
                for coming in [TaskMove::Due, TaskMove::Pause, TaskMove::Resume, TaskMove::Drop] {
                    assert!(apply(state, coming).is_err(), "{state:?} {coming:?}");
                }
            }
        }
    }

    #[test]
    fn only_what_may_run_twice_is_tried_again_and_not_for_ever() {
        let gone = Some(Cause::ProcessGone);
        let waits: Vec<_> = (1..=MOST_ATTEMPTS)
            .map(|attempt| repeats(true, Wish::Go, attempt, gone).map(|wait| wait.num_seconds()))
            .collect();
        assert_eq!(waits, [Some(10), Some(30), Some(90), None]);
        assert_eq!(repeats(false, Wish::Go, 1, gone), None);
        assert_eq!(repeats(true, Wish::Cancel, 1, gone), None);
        assert_eq!(repeats(true, Wish::Stop, 1, gone), None);
        for cause in [Cause::Statement, Cause::Cancelled, Cause::ContentChanged, Cause::NotPrimary] {
            assert_eq!(repeats(true, Wish::Go, 1, Some(cause)), None, "{cause:?}");
        }
        assert_eq!(repeats(true, Wish::Go, 1, None), None, "it succeeded");
    }

    #[test]
    fn a_process_that_vanished_in_a_statement_leaves_it_unknown_and_between_statements_failed() {
        assert_eq!(end_of_vanished(true), TaskEnd::Lost);
        assert_eq!(end_of_vanished(false), TaskEnd::Failed);
    }
}
