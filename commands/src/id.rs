//! Typed ids: a ticket's number can not be passed where a task's is wanted.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// The text was not an id of the kind wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an id")
    }
}
impl std::error::Error for NotAnId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        /// With or without its prefix, in either case: `T-42`, `t-42`, `42`.
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let text = text.trim();
                let digits = match text.get(..$prefix.len()) {
                    Some(head) if head.eq_ignore_ascii_case($prefix) => &text[$prefix.len()..],
                    _ => text,
                };
                match digits.parse() {
                    Ok(0) | Err(_) => Err(NotAnId),
                    Ok(number) => Ok(Self(number)),
                }
            }
        }
    )*};
}

ids! {
    /// A ticket: what people talk about. Shown as `T-42`.
    TicketId "T-";
    /// One run of a ticket's work in a process of its own. Shown as `K-42`.
    TaskId "K-";
    /// A person known to dbdesk. Shown as `P-42`.
    PersonId "P-";
    /// An entry of a ticket's log; grows along each log, so it serves as its cursor. Shown as `E-42`.
    EntryId "E-";
    /// A freeze: nothing starts. Shown as `F-42`.
    FreezeId "F-";
    /// A recurring ticket. Shown as `S-42`.
    ScheduleId "S-";
    /// What somebody has looked at in a binary log. Shown as `R-42`.
    RestoreId "R-";
    /// An account on the servers of a service group. Shown as `A-42`.
    AccountId "A-";
    /// Somebody stands in for somebody who is away. Shown as `D-42`.
    DelegationId "D-";
    /// A DBA acts without approval for a while. Shown as `EM-42`.
    EmergencyId "EM-";
    /// What the desk says in chat that is no ticket. Shown as `N-42`.
    NoticeId "N-";
}

/// The opaque name of a button on a card: 16 random bytes in base64url, known only to the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct ButtonId(pub String);

impl fmt::Display for ButtonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is a Discord id as it is written: up to 20 digits.
#[must_use]
pub fn is_discord_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_named_with_or_without_its_prefix() {
        for text in ["T-42", "t-42", "42", " T-42 "] {
            assert_eq!(text.parse(), Ok(TicketId(42)), "{text}");
        }
        for text in ["", "T-", "0", "T-0", "K-42", "-1", "四十二", "99999999999999999999999"] {
            assert_eq!(text.parse::<TicketId>(), Err(NotAnId), "{text}");
        }
    }
}
