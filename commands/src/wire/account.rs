//! Accounts and databases on the servers of service groups, as they are asked for and listed.

use crate::{
    id::{AccountId, TicketId},
    lang::{Lang, Said},
    wire::person::PersonView,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /v1/accounts`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRequest {
    /// On which service group.
    pub service_group: String,
    /// For which database.
    pub database: String,
    /// `ro` (read), `rw` (read and change rows) or `ddl` (change tables, too).
    pub level: String,
    /// Only these tables, between commas; absent: all of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<String>,
    /// From where it connects: an application that the desk knows, or addresses and networks between commas.
    pub from: String,
    /// When it ends: `90d`, or a date or time as elsewhere.
    pub until: String,
    /// What it is to be called; absent: made of database, level and application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The hash of a password that the desk is not to know; absent: the desk makes a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Why, for the one who approves.
    pub reason: String,
    /// The language of the card and the thread; default: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// Body of `POST /v1/accounts/{id}/renew`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRenew {
    /// When it ends then; absent: as long again as it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Why; absent: that it is still needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of `POST /v1/accounts/{id}/rotate`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRotate {
    /// The hash of a password that the desk is not to know; absent: the desk makes a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Why; absent: that the password is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of `POST /v1/accounts/{id}/revoke`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountRevoke {
    /// Why; absent: that it is not needed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of `POST /v1/databases`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseRequest {
    /// On which service group.
    pub service_group: String,
    /// What it is to be called.
    pub name: String,
    /// Its character set; absent: `utf8mb4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// Its collation; absent: the server's own of that character set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The team that owns it; absent: the requester's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// How large it will become, in megabytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_mb: Option<u64>,
    /// Why, for the one who approves.
    pub reason: String,
    /// The language of the card and the thread; default: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Its ticket is not done.
    Asked,
    /// It is there.
    Active,
    /// It has ended: nobody logs in. It is removed after a while.
    Locked,
    /// It is gone.
    Dropped,
}

impl AccountState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Active, Self::Locked, Self::Dropped];

    /// The word in the store and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Active => "active",
            Self::Locked => "locked",
            Self::Dropped => "dropped",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// What people read.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Asked => Said::fixed("asked for", "申请中"),
            Self::Active => Said::fixed("active", "可用"),
            Self::Locked => Said::fixed("locked", "已锁定"),
            Self::Dropped => Said::fixed("removed", "已删除"),
        }
    }
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Its number.
    pub id: AccountId,
    /// The user that logs in now.
    pub user: String,
    /// From where.
    pub hosts: Vec<String>,
    /// On which service group.
    pub service_group: String,
    /// In which database.
    pub database: String,
    /// `ro`, `rw` or `ddl`.
    pub level: String,
    /// Only these tables; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<String>,
    /// The application that it is for, where the desk knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Who asked for it.
    pub owner: PersonView,
    /// Where it stands.
    pub state: AccountState,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The password before the last one goes on until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_until: Option<DateTime<Utc>>,
    /// The ticket that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
    /// A person's ticket ended it, before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<RevokedView>,
    /// When it is removed, where it is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<DateTime<Utc>>,
}

/// How an account was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevokedView {
    /// By which ticket.
    pub ticket: TicketId,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonView>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// Answer of `GET /v1/accounts`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// At most 50.
    pub accounts: Vec<AccountView>,
    /// Pass as `before` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<AccountId>,
}

/// An application that the desk knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationView {
    /// Its name.
    pub name: String,
    /// From where it connects.
    pub hosts: Vec<String>,
}

/// Answer of `GET /v1/applications`, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationPage {
    /// At most 25.
    pub applications: Vec<ApplicationView>,
}

/// A password as it is handed over: once, to the one who asked for it. It is kept nowhere after that.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Collected {
    /// Of which account.
    pub account: AccountId,
    /// The user.
    pub user: String,
    /// The database.
    pub database: String,
    /// The host of the primary, as the inventory has it.
    #[serde(default)]
    pub host: String,
    /// Its port.
    #[serde(default)]
    pub port: u16,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Collected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Collected({}, {}, …)", self.account, self.user)
    }
}
