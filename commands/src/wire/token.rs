//! Tokens for the API: what one may, for how long, and who has which.

use crate::{
    lang::{Said, said},
    wire::person::PersonView,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};
use utoipa::ToSchema;

/// What a token may be used for. It never gives more than its person may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum May {
    /// Look at everything that its person sees, and have SQL reviewed.
    Read,
    /// File tickets and schedules, change and withdraw them, and make tokens of its own kind.
    File,
    /// Approve and reject, say what became of what is lost, and look at rows.
    Decide,
    /// Hold, slow down, order and cancel work, and freeze.
    Steer,
    /// Accounts on databases.
    Account,
    /// Other people's tokens, and the audit log.
    Admin,
}

impl May {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::File, Self::Decide, Self::Steer, Self::Account, Self::Admin];
    /// What a token may where nothing else is said.
    pub const USUAL: [Self; 2] = [Self::Read, Self::File];

    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::File => "file",
            Self::Decide => "decide",
            Self::Steer => "steer",
            Self::Account => "account",
            Self::Admin => "admin",
        }
    }

    /// From its word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|may| may.word() == word)
    }
}

impl FromStr for May {
    type Err = String;
    fn from_str(word: &str) -> Result<Self, String> {
        Self::of_word(word.trim()).ok_or_else(|| format!("known are {}", words(&BTreeSet::from(Self::ALL))))
    }
}

/// Their words as one writes them: `read,file`.
#[must_use]
pub fn words(all: &BTreeSet<May>) -> String {
    all.iter().map(|may| may.word()).collect::<Vec<_>>().join(",")
}

/// For how long a token lasts: `90d`, `12h` or `never` (it never ends).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// So long.
    For(TimeDelta),
    /// Until it is revoked.
    Never,
}

/// More days than this are no number of days.
const DAYS: u32 = 36_500;

impl FromStr for Lasts {
    type Err = Said;
    fn from_str(text: &str) -> Result<Self, Said> {
        let text = text.trim();
        if text == "never" {
            return Ok(Self::Never);
        }
        if matches!(text, "0d" | "0h") {
            return Err(said!(
                "A token that has ended at once is of no use: write how long it lasts, such as `90d` or `12h`",
                "有效期不能为 0：请写明有效期，例如 `90d` 或 `12h`"
            ));
        }
        let number = |unit| text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok());
        let lasts = match (number('d'), number('h')) {
            (Some(days), _) if days <= DAYS => Some(TimeDelta::days(i64::from(days))),
            (_, Some(hours)) if hours <= DAYS => Some(TimeDelta::hours(i64::from(hours))),
            _ => None,
        };
        lasts.filter(|lasts| *lasts > TimeDelta::zero()).map(Self::For).ok_or_else(|| {
            said!(
                "How long a token lasts is written as `90d`, `12h` or `never`",
                "令牌有效期的写法是 `90d`、`12h` 或 `never`"
            )
        })
    }
}

/// As whom a token acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// As a person.
    Person,
    /// As the bot.
    Bot,
}

/// Body of `POST /v1/tokens`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// What to call it: lower case letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// For whom; left out: for oneself. For another it needs an admin and a token that may `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What it may; left out: `read` and `file`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<BTreeSet<May>>,
    /// Only for these service groups, at most 50; left out: for those of the token that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_groups: Option<BTreeSet<String>>,
    /// For how long: `90d` or `12h`; left out: as long as is usual, and no longer than the token that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// A token, without what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenView {
    /// What it is called.
    pub name: String,
    /// As whom it acts.
    pub kind: TokenKind,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person: Option<PersonView>,
    /// What it may.
    pub may: BTreeSet<May>,
    /// Only for these service groups; absent: for all.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_groups: Option<Vec<String>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; absent: when it is revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// From which address that was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used_from: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A new token.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenMade {
    /// What it may, and for how long.
    pub about: TokenView,
    /// What it is, shown this once; absent in the answer to a request that was repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

impl fmt::Debug for TokenMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenMade").field("about", &self.about).finish_non_exhaustive()
    }
}

/// Answer of `GET /v1/tokens`: by name, those that can be used first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenPage {
    /// At most 1,000.
    pub tokens: Vec<TokenView>,
}

/// Answer of `DELETE /v1/tokens/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenRevoked {
    /// The names of what ends with it: itself, and the tokens that were made with it.
    pub revoked: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_known_by_its_word_alone() {
        for may in May::ALL {
            assert_eq!(May::of_word(may.word()), Some(may));
            assert_eq!(serde_json::to_value(may).expect("a word"), may.word());
        }
        for wrong in ["", "Read", "read ", "all", "*"] {
            assert_eq!(May::of_word(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn how_long_a_token_lasts_is_days_hours_or_never() {
        assert_eq!("90d".parse(), Ok(Lasts::For(TimeDelta::days(90))));
        assert_eq!(" 12h ".parse(), Ok(Lasts::For(TimeDelta::hours(12))));
        assert_eq!("never".parse(), Ok(Lasts::Never));
        for wrong in ["", "d", "0d", "-1d", "90", "90 d", "1w", "4000000d", "99999999999d", "Never", "1d1h"] {
            assert!(wrong.parse::<Lasts>().is_err(), "{wrong:?}");
        }
    }
}
