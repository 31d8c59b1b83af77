//! What passes without a person, and how long an approval lasts.

use chrono::TimeDelta;
use dbdesk_commands::wire::{review::Level, why::WhyPerson};

/// An approval that was not used for so long is void; counted from the approval or, when it was planned for later, from its due time.
pub const APPROVAL_LASTS: TimeDelta = TimeDelta::hours(24);

/// What a review came to: where a ticket goes right after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Something must be amended; nobody can send it on.
    MustAmend,
    /// A rule failed, or something is not understood: the requester chooses.
    MayAsk,
    /// All rules passed, but policy wants a person, for this reason.
    NeedsPerson(WhyPerson),
    /// All rules passed and within the limits of policy: nobody is needed.
    Passes,
}

impl Verdict {
    /// From the worst finding and from why policy wants a person, where it does. An empty review never passes.
    #[must_use]
    pub fn of(worst: Option<Level>, statements: usize, why: Option<WhyPerson>) -> Self {
        match worst {
            _ if statements == 0 => Self::MustAmend,
            Some(Level::Error) => Self::MustAmend,
            Some(Level::NeedsDba) => Self::MayAsk,
            Some(Level::Warning | Level::Notice) | None => why.map_or(Self::Passes, Self::NeedsPerson),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_passes_by_itself_unless_every_rule_passed_within_the_limits() {
        let rows = WhyPerson::ManyRows;
        assert_eq!(Verdict::of(None, 1, None), Verdict::Passes);
        assert_eq!(Verdict::of(Some(Level::Warning), 1, None), Verdict::Passes);
        assert_eq!(Verdict::of(None, 1, Some(rows)), Verdict::NeedsPerson(rows));
        assert_eq!(Verdict::of(Some(Level::NeedsDba), 1, None), Verdict::MayAsk);
        assert_eq!(Verdict::of(Some(Level::Error), 1, None), Verdict::MustAmend);
        assert_eq!(Verdict::of(None, 0, None), Verdict::MustAmend);
    }
}
