//! What the desk says in chat that is no ticket: posted once, edited as it changes, with buttons until it is settled.

use crate::{
    id::{ButtonId, EmergencyId, NoticeId, TicketId},
    lang::{Lang, Said},
    wire::person::PersonView,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The channel for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeChannel {
    /// Where admins are asked.
    Admins,
    /// Where everybody concerned is alarmed.
    Alerts,
}

impl NoticeChannel {
    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Admins => "admins",
            Self::Alerts => "alerts",
        }
    }

    /// The channel with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Admins, Self::Alerts].into_iter().find(|channel| channel.word() == word)
    }
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NoticeContent {
    /// A Discord user says that he is a person of the desk.
    LinkAsked {
        /// His Discord user id.
        discord_id: String,
        /// The desk name that he claims, as he typed it.
        name: String,
        /// Until when an admin can decide.
        lapses_at: DateTime<Utc>,
        /// The admins.
        admins: Vec<PersonView>,
        /// Why it can not be confirmed as it stands, when it was asked; the asker is not told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        obstacle: Option<LinkObstacle>,
        /// The admin who has confirmed it, where the person decides on others: another has to confirm it, too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first: Option<PersonView>,
        /// What became of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<LinkOutcome>,
    },
    /// A DBA acts without approval.
    Emergency {
        /// Its number.
        id: EmergencyId,
        /// On which service group.
        service_group: String,
        /// Who.
        person: PersonView,
        /// Why.
        reason: String,
        /// From when
        from: DateTime<Utc>,
        /// until when at the latest.
        until: DateTime<Utc>,
        /// The admins.
        admins: Vec<PersonView>,
        /// How it ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<EmergencyEnd>,
        /// Who has looked at it afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reviewed: Option<Reviewed>,
    },
    /// A group's servers are not what the inventory says.
    Drift {
        /// Which group.
        service_group: String,
        /// What differs.
        differences: Vec<Said>,
        /// Since when.
        since: DateTime<Utc>,
        /// Its DBAs.
        dbas: Vec<PersonView>,
        /// The ticket that was filed last to mend it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<TicketId>,
        /// When nothing differed any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mended_at: Option<DateTime<Utc>>,
    },
    /// Nobody has looked at an emergency yet.
    EmergencyNotReviewed {
        /// Its number.
        id: EmergencyId,
        /// On which service group.
        service_group: String,
        /// Who acted.
        person: PersonView,
        /// When it ended.
        ended_at: DateTime<Utc>,
        /// Those who can look at it.
        people: Vec<PersonView>,
    },
}

/// What became of a request to be linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkOutcome {
    /// An admin confirmed it.
    Confirmed {
        /// Who.
        by: PersonView,
        /// When.
        at: DateTime<Utc>,
    },
    /// An admin refused it.
    Refused {
        /// Who.
        by: PersonView,
        /// When.
        at: DateTime<Utc>,
    },
    /// He asked again, for another name.
    Replaced {
        /// When.
        at: DateTime<Utc>,
    },
    /// The operator of the desk has linked that Discord user in a shell, to this person.
    Operator {
        /// Whom.
        name: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// Nobody decided in time.
    Lapsed {
        /// When.
        at: DateTime<Utc>,
    },
}

/// Why a request to be linked can not be confirmed as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkObstacle {
    /// The desk has no person of that name.
    NoPerson,
    /// That person has another Discord account.
    HasAccount,
}

/// How an emergency ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmergencyEnd {
    /// When.
    pub at: DateTime<Utc>,
    /// Who ended it; absent: its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonView>,
    /// The tickets that were decided on in it.
    pub tickets: Vec<TicketId>,
}

/// Somebody else has looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reviewed {
    /// Who.
    pub by: PersonView,
    /// When.
    pub at: DateTime<Utc>,
    /// What he says.
    pub text: String,
}

/// What a button of a notice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeVerb {
    /// An admin says that the Discord user is that person.
    Confirm,
    /// An admin says that he is not.
    Refuse,
    /// A DBA files a ticket by which the inventory says what the servers say.
    RepairInventory,
    /// A DBA files a ticket by which the servers are what the inventory says.
    RepairServers,
}

impl NoticeVerb {
    /// Every verb.
    pub const ALL: [Self; 4] = [Self::Confirm, Self::Refuse, Self::RepairInventory, Self::RepairServers];

    /// Those of a request to be linked.
    pub const OF_LINK: [Self; 2] = [Self::Confirm, Self::Refuse];

    /// Those of servers that are not what the inventory says.
    pub const OF_DRIFT: [Self; 2] = [Self::RepairInventory, Self::RepairServers];

    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Refuse => "refuse",
            Self::RepairInventory => "repair-inventory",
            Self::RepairServers => "repair-servers",
        }
    }

    /// The verb with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.word() == word)
    }

    /// What is written on its button.
    #[must_use]
    pub fn label(self) -> Said {
        match self {
            Self::Confirm => Said::fixed("Confirm", "确认"),
            Self::Refuse => Said::fixed("Refuse", "拒绝"),
            Self::RepairInventory => Said::fixed("Repair inventory", "修正清单"),
            Self::RepairServers => Said::fixed("Repair servers", "修复服务器"),
        }
    }
}

/// A button of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeButton {
    /// Its opaque id.
    pub id: ButtonId,
    /// What it does.
    pub verb: NoticeVerb,
}

/// Body of `PUT /v1/notices/{id}/card`: where it stands, and which version of it. Discord ids as strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticePlace {
    /// The channel.
    pub channel_id: String,
    /// The message.
    pub message_id: String,
    /// The version that stands there.
    pub told_version: u64,
}

/// A notice that chat does not show as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticeBehind {
    /// Its number.
    pub id: NoticeId,
    /// Where it belongs.
    pub channel: NoticeChannel,
    /// Its language.
    pub lang: Lang,
    /// Grows with each change.
    pub version: u64,
    /// What it says.
    pub content: NoticeContent,
    /// What can be done to it.
    pub buttons: Vec<NoticeButton>,
    /// Where it stands; absent when it was not posted yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<NoticePlace>,
}

/// Answer of `GET /v1/notices/behind`: at most 20, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticesBehind {
    /// The notices to post or edit.
    pub notices: Vec<NoticeBehind>,
}

/// Answer of `POST /v1/notice-buttons/{id}/press`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoticePressed {
    /// What was done.
    pub verb: NoticeVerb,
    /// The notice after it.
    pub content: NoticeContent,
}
