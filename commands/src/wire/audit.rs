//! The audit log: every decision with who made it, from where, and of which bytes.

use crate::id::PersonId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident $($(#[$of:meta])* $variant:ident $word:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// From its word.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What was decided.
    What
    /// A ticket was filed.
    Filed "filed";
    /// Its SQL was replaced.
    Amended "amended";
    /// The review's fixes were taken over.
    Fixed "fixed";
    /// It was sent on to a DBA.
    SentToDba "sent-to-dba";
    /// It may run; by a person, or by policy.
    Approved "approved";
    /// Somebody approved it, and others have to as well.
    StepApproved "step-approved";
    /// An approval lapsed before the others were given.
    ApprovalLapsed "approval-lapsed";
    /// A password was handed over.
    PasswordCollected "password-collected";
    /// The approval was not used in time.
    ApprovalExpired "approval-expired";
    /// It may not run.
    Rejected "rejected";
    /// The requester took it back.
    Withdrawn "withdrawn";
    /// Its start was moved to now.
    RunNow "run-now";
    /// It was kept from starting.
    Held "held";
    /// It may start again.
    Released "released";
    /// It was asked to hold.
    PauseAsked "pause-asked";
    /// It was asked to go on.
    ResumeAsked "resume-asked";
    /// It was asked to stop.
    CancelAsked "cancel-asked";
    /// Other limits of lag and load.
    Throttled "throttled";
    /// When the copy takes its table's place.
    CutOverAsked "cut-over-asked";
    /// It was moved before or behind others.
    Prioritised "prioritised";
    /// It is tried again.
    Retried "retried";
    /// A statement of which nobody knew is said to have run.
    Skipped "skipped";
    /// A statement of which nobody knew is said not to have run.
    NotRan "not-ran";
    /// A ticket was filed that takes it back.
    UndoFiled "undo-filed";
    /// A schedule was made.
    ScheduleAdded "schedule-added";
    /// A schedule files nothing until it is resumed.
    SchedulePaused "schedule-paused";
    /// A schedule goes on.
    ScheduleResumed "schedule-resumed";
    /// A schedule was removed.
    ScheduleRemoved "schedule-removed";
    /// Nothing starts.
    FreezeOn "freeze-on";
    /// A freeze was ended.
    FreezeOff "freeze-off";
    /// Rows were looked at in a binary log.
    RowsRead "rows-read";
    /// A token was made.
    TokenCreated "token-created";
    /// A token was revoked.
    TokenRevoked "token-revoked";
    /// A group or sharded table of the inventory was added or changed.
    InventoryLoaded "inventory-loaded";
    /// A person was added or changed by the configuration.
    PersonChanged "person-changed";
    /// A person was added by the operator's shell.
    PersonAdded "person-added";
    /// A Discord user is this person from now on.
    PersonLinked "person-linked";
    /// A first admin says so of somebody who decides on others; a second has to say it too.
    PersonVouched "person-vouched";
    /// A Discord user who claimed to be this person was refused.
    LinkRefused "link-refused";
    /// A person's Discord user is his no longer.
    PersonUnlinked "person-unlinked";
    /// Somebody stands in for somebody.
    DelegationAdded "delegation-added";
    /// Nobody stands in any more.
    DelegationEnded "delegation-ended";
    /// A DBA acts without approval on a service group.
    EmergencyOn "emergency-on";
    /// An emergency was ended before its time.
    EmergencyOff "emergency-off";
    /// Somebody else has looked at an emergency.
    EmergencyReviewed "emergency-reviewed";
    /// Somebody tried what he may not.
    Denied "denied";
}

words! {
    /// Over what a decision came.
    Via
    /// A button or command in Discord.
    Discord "discord";
    /// The HTTP API with a person's token.
    Api "api";
    /// The command line, on a machine of the desk.
    Cli "cli";
    /// The desk by itself: policy, a timer, a schedule.
    Desk "desk";
}

words! {
    /// What a decision is about.
    SubjectKind
    /// A ticket: `T-42`.
    Ticket "ticket";
    /// A task: `K-42`.
    Task "task";
    /// A schedule: `S-42`.
    Schedule "schedule";
    /// A freeze: `F-42`.
    Freeze "freeze";
    /// What was looked at in a binary log: `R-42`.
    Restore "restore";
    /// A service group, by name.
    Group "group";
    /// A machine, by name.
    Host "host";
    /// A sharded table, by name.
    ShardedTable "sharded-table";
    /// A token, by name.
    Token "token";
    /// A person, by name.
    Person "person";
    /// A delegation: `D-42`.
    Delegation "delegation";
    /// An emergency: `EM-42`.
    Emergency "emergency";
    /// A button that is of no ticket.
    Button "button";
    /// None of these: a route of the API.
    Route "route";
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRow {
    /// Its number: one more than that of the row before.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What was decided.
    pub what: What,
    /// More of it, as JSON.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
    /// Who decided; absent where no person did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor_id: Option<PersonId>,
    /// His name, or `policy`, `desk`, or the account of a shell.
    pub actor: String,
    /// In whose name, where that is another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_whom_id: Option<PersonId>,
    /// His name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_whom: Option<String>,
    /// Over what it came.
    pub via: Via,
    /// The name of the token.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// From where: Discord's interaction and channel, the peer's address, or machine and account of a shell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// What it is about.
    pub subject_kind: SubjectKind,
    /// Its number or name.
    pub subject: String,
    /// The revision that was decided on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<u32>,
    /// SHA-256 of the bytes that were decided on, hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content_hash: Option<String>,
    /// The hash of the row before, hex.
    pub prev_hash: String,
    /// Its own: over all of this.
    pub hash: String,
}

/// Answer of `GET /v1/audit`: oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// At most 200.
    pub rows: Vec<AuditRow>,
    /// The `after` of the next page.
    pub cursor: u64,
    /// Whether there are more.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_said_once_and_read_back() {
        let mut seen = BTreeSet::new();
        for what in What::ALL {
            assert!(seen.insert(what.word()) && what.word().len() <= 32, "{what:?}");
            assert_eq!(What::of_word(what.word()), Some(*what));
            assert_eq!(serde_json::to_value(what).expect("a word"), what.word());
        }
        for via in Via::ALL {
            assert_eq!(Via::of_word(via.word()), Some(*via));
        }
        for kind in SubjectKind::ALL {
            assert_eq!(SubjectKind::of_word(kind.word()), Some(*kind));
        }
    }
}
