//! The review's rules as people look them up: how serious each is, who says so, and its page.

use super::review::Level;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How serious a rule's findings are, the most serious first, or that the rule does not look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// Its findings are errors.
    Error,
    /// Its findings need a DBA.
    NeedsDba,
    /// Its findings are warnings.
    Warning,
    /// Its findings are notices.
    Notice,
    /// It does not look.
    Off,
}

impl RuleLevel {
    /// Every level, the most serious first.
    pub const ALL: [Self; 5] = [Self::Error, Self::NeedsDba, Self::Warning, Self::Notice, Self::Off];

    /// The level of its findings, unless it is off.
    #[must_use]
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Off => None,
            Self::Error => Some(Level::Error),
            Self::NeedsDba => Some(Level::NeedsDba),
            Self::Warning => Some(Level::Warning),
            Self::Notice => Some(Level::Notice),
        }
    }

    /// As the configuration and the API write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Error => "error",
            Self::NeedsDba => "needs_dba",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }

    /// The level with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

impl From<Level> for RuleLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::NeedsDba => Self::NeedsDba,
            Level::Warning => Self::Warning,
            Level::Notice => Self::Notice,
        }
    }
}

/// Who says how serious a rule is, or what a threshold is; later ones stand over earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The rule itself.
    Default,
    /// The configuration, for all.
    Global,
    /// The configuration, for the environment.
    Environment,
    /// The configuration, for the service group.
    Group,
}

impl Origin {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Global => "global",
            Self::Environment => "environment",
            Self::Group => "group",
        }
    }
}

/// A threshold that a rule measures by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LimitLine {
    /// Its key in the configuration.
    pub name: String,
    /// What is in force: a number, a word, or a list of words.
    pub value: Value,
    /// Who says so.
    pub from: Origin,
}

impl LimitLine {
    /// Its value as people write it: without the quotes and brackets of JSON.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.value)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}

/// Name of the finding that says that a statement can not be taken back.
pub const NO_UNDO: &str = "no-undo";

/// Name of the finding that says that the online tool can not change a large table.
pub const NO_ONLINE_TOOL: &str = "no-online-tool";

/// Name of the finding that says that a statement is made in chunks.
pub const IN_CHUNKS: &str = "in-chunks";

/// Names on findings that no rule made but the review itself, so that no page tells of them.
pub const WITHOUT_PAGE: [&str; 5] = ["more-findings", "not-checked-live", NO_UNDO, NO_ONLINE_TOOL, IN_CHUNKS];

/// One rule as it is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleLine {
    /// Its id, such as `delete-without-where`.
    pub id: String,
    /// What it finds, in a line, in the asker's language.
    pub title: String,
    /// How serious its findings are.
    pub level: RuleLevel,
    /// Who says so.
    pub from: Origin,
    /// How serious they are where nobody says otherwise.
    pub default: RuleLevel,
    /// Nothing can make it less serious: without it something would pass that nobody understands.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub firm: bool,
    /// Rules with the same word here contradict each other: at most one of them is on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exclusive: Option<String>,
    /// It is off because this other one of them was switched on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub excluded_by: Option<String>,
    /// The thresholds that it measures by.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub limits: Vec<LimitLine>,
}

/// For whom rules are in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// The service group, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_group: Option<String>,
    /// Its environment, or the one asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<String>,
}

/// Answer of `GET /v1/rules`, and of `dbdesk review --rules --format json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RulePage {
    /// For whom.
    #[serde(flatten)]
    pub scope: Scope,
    /// Changes with any level or threshold in force; a ticket's review keeps the one it was made by.
    pub measure: String,
    /// The rules: by id, or the best match first when asked with `q`.
    pub rules: Vec<RuleLine>,
    /// Thresholds of no single rule, such as from which size on a table is changed by a tool.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub limits: Vec<LimitLine>,
}

/// Answer of `GET /v1/rules/{id}`: a rule's page, and how it is in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleView {
    /// For whom.
    #[serde(flatten)]
    pub scope: Scope,
    /// The rule.
    #[serde(flatten)]
    pub rule: RuleLine,
    /// What it finds. Markdown, in the asker's language, as the next two.
    pub what: String,
    /// Why that is bad.
    pub why: String,
    /// What to do instead.
    pub what_to_do: String,
    /// SQL that it finds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bad: Option<String>,
    /// SQL that it does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub good: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_threshold_is_shown_without_the_signs_of_json() {
        let shown =
            [json!(1_000), json!(["uniq_", "uk_"]), json!("idx_"), json!(true)].map(|value| shown(&value));
        assert_eq!(shown, ["1000", "uniq_, uk_", "idx_", "true"]);
    }

    #[test]
    fn a_level_has_one_word_in_the_configuration_and_in_json() {
        for level in RuleLevel::ALL {
            assert_eq!(RuleLevel::of_word(level.word()), Some(level));
            assert_eq!(serde_json::to_value(level).unwrap(), level.word());
        }
    }
}
