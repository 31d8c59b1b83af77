//! What a parameter takes, and what was typed for one.

use crate::length;
use dbdesk_commands::lang::{Said, said};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// Longest text of a value.
pub const VALUE_CHARS: usize = 1_000;
/// Longest name of a database, a table, an account, a group.
const NAME_CHARS: usize = 64;
/// Most memory of a compiled pattern.
const PATTERN_BYTES: usize = 256 * 1024;
/// Longest `host:port`.
const PLACE_CHARS: usize = 270;

/// What a parameter takes.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Text of at most so many characters, all of which the pattern fits, where there is one.
    Text {
        /// Most characters.
        most_chars: usize,
        /// The whole of it fits this.
        pattern: Option<Pattern>,
    },
    /// A whole number from the first to the second.
    Integer {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// A length of time from the first to the second, in seconds.
    Duration {
        /// The least.
        least_s: u64,
        /// The most.
        most_s: u64,
    },
    /// One of these.
    Choice(Vec<String>),
    /// Yes or no.
    Boolean,
    /// A service group that the inventory has.
    Group,
    /// A database of the service group.
    Database,
    /// A table: `table` or `database.table`.
    Table,
    /// A server of the service group, `host:port`.
    Instance,
    /// A machine of the service group.
    Host,
    /// An account on its servers.
    Account,
}

/// What the whole of a text must fit.
#[derive(Debug, Clone)]
pub struct Pattern {
    written: String,
    whole: Regex,
}

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// What is wrong with it, in the words of its reader.
    pub fn parse(written: &str) -> Result<Self, String> {
        let build = |text: &str| RegexBuilder::new(text).size_limit(PATTERN_BYTES).build();
        // By itself first: a bracket too many must not end the one around it.
        let whole = build(written).and_then(|_| build(&format!("\\A(?:{written})\\z")));
        Ok(Self { written: written.to_owned(), whole: whole.map_err(|error| error.to_string())? })
    }

    fn fits(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }
}

/// The word of each kind, in the manifest and on the wire.
pub const KINDS: [&str; 11] = [
    "text", "integer", "duration", "choice", "boolean", "group", "database", "table", "instance", "host",
    "account",
];

impl Kind {
    /// Its word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Integer { .. } => "integer",
            Self::Duration { .. } => "duration",
            Self::Choice(_) => "choice",
            Self::Boolean => "boolean",
            Self::Group => "group",
            Self::Database => "database",
            Self::Table => "table",
            Self::Instance => "instance",
            Self::Host => "host",
            Self::Account => "account",
        }
    }

    /// What it takes, as people read it.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Text { most_chars, pattern: None } => {
                said!("text of at most {most_chars} characters", "文本，最多 {most_chars} 个字符")
            }
            Self::Text { pattern: Some(pattern), .. } => {
                said!("text that fits {fits}", "符合 {fits} 的文本", fits = pattern.written)
            }
            Self::Integer { least, most } => {
                said!("a whole number from {least} to {most}", "从 {least} 到 {most} 的整数")
            }
            Self::Duration { least_s, most_s } => said!(
                "a length of time from {least} to {most}",
                "从 {least} 到 {most} 的时长",
                least = length::written(*least_s),
                most = length::written(*most_s)
            ),
            Self::Choice(choices) => {
                said!("one of {all}", "以下之一：{all}", all = choices.join(", "))
            }
            Self::Boolean => Said::fixed("yes or no", "“yes”或“no”"),
            Self::Group => Said::fixed("a service group", "服务组"),
            Self::Database => Said::fixed("a database of the service group", "该服务组的数据库"),
            Self::Table => Said::fixed("a table, or database.table", "表名，或 库名.表名"),
            Self::Instance => {
                Said::fixed("a server of the service group, host:port", "该服务组的实例，host:port")
            }
            Self::Host => Said::fixed("a machine of the service group", "该服务组的主机"),
            Self::Account => Said::fixed("a user name on its servers", "服务器上的用户名"),
        }
    }
}

/// A parameter of a script.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name, as it is typed and as the script reads it.
    pub name: String,
    /// What it is.
    pub text: Said,
    /// What it takes.
    pub kind: Kind,
    /// It must be given.
    pub required: bool,
    /// What holds where it is not given.
    pub default: Option<Value>,
}

impl Parameter {
    /// What was typed for it, as the script gets it: a number for `integer` and `duration` (seconds), `true` or `false` for `boolean`, else
    /// text. Whether a name is in the inventory is not known here.
    ///
    /// # Errors
    /// Why it can not be, to be read after the parameter's name.
    pub fn value(&self, typed: &str) -> Result<Value, Said> {
        let typed = typed.trim();
        if typed.chars().count() > VALUE_CHARS {
            return Err(said!("it is longer than {VALUE_CHARS} characters", "超过 {VALUE_CHARS} 个字符"));
        }
        let refused = || {
            let Said { en, zh } = self.kind.said();
            said!("it takes {en}", "应为{zh}")
        };
        let text = |fits: bool| if fits { Ok(Value::from(typed)) } else { Err(refused()) };
        match &self.kind {
            Kind::Text { most_chars, pattern } => text(
                typed.chars().count() <= *most_chars
                    && !typed.chars().any(char::is_control)
                    && pattern.as_ref().is_none_or(|pattern| pattern.fits(typed)),
            ),
            Kind::Integer { least, most } => {
                let number = typed.parse::<i64>().ok().filter(|number| (least..=most).contains(&number));
                number.map(Value::from).ok_or_else(refused)
            }
            Kind::Duration { least_s, most_s } => {
                let seconds = length::seconds(typed)?;
                if (least_s..=most_s).contains(&&seconds) { Ok(Value::from(seconds)) } else { Err(refused()) }
            }
            Kind::Choice(choices) => text(choices.iter().any(|choice| choice == typed)),
            Kind::Boolean => match typed.to_ascii_lowercase().as_str() {
                "true" | "yes" | "是" => Ok(Value::Bool(true)),
                "false" | "no" | "否" => Ok(Value::Bool(false)),
                _ => Err(refused()),
            },
            Kind::Table => {
                let parts: Vec<&str> = typed.split('.').collect();
                text(parts.len() <= 2 && parts.iter().all(|part| is_name(part, NAME_CHARS)))
            }
            Kind::Group | Kind::Database | Kind::Account => text(is_name(typed, NAME_CHARS)),
            Kind::Instance | Kind::Host => text(is_place(typed)),
        }
    }

    /// The same of a value as the API takes it: text as it is typed, or a number, or `true` and `false`.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn value_of(&self, given: &Value) -> Result<Value, Said> {
        match given {
            Value::String(typed) => self.value(typed),
            Value::Number(number) => self.value(&number.to_string()),
            Value::Bool(is) => self.value(if *is { "yes" } else { "no" }),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                let Said { en, zh } = self.kind.said();
                Err(said!("it takes {en}", "应为{zh}"))
            }
        }
    }
}

/// A name as the inventory or a server has it, without what a shell, a server or a person could take for something else.
fn is_name(text: &str, most: usize) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$');
    (1..=most).contains(&text.chars().count()) && text.chars().all(allowed) && !text.starts_with('-')
}

fn is_place(text: &str) -> bool {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':' | '[' | ']');
    (1..=PLACE_CHARS).contains(&text.len()) && text.chars().all(allowed) && !text.starts_with('-')
}

/// A value as a ticket's text and a refusal show it.
#[must_use]
pub fn shown(value: &Value) -> String {
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(kind: Kind) -> Parameter {
        Parameter {
            name: "it".to_owned(),
            text: Said::fixed("it", "它"),
            kind,
            required: false,
            default: None,
        }
    }

    fn all() -> Vec<Kind> {
        vec![
            Kind::Text { most_chars: 8, pattern: Some(Pattern::parse("[a-z]|[a-z]+").unwrap()) },
            Kind::Text { most_chars: 3, pattern: None },
            Kind::Integer { least: 1, most: 10 },
            Kind::Duration { least_s: 60, most_s: 3_600 },
            Kind::Choice(vec!["ro".to_owned(), "rw".to_owned()]),
            Kind::Boolean,
            Kind::Group,
            Kind::Database,
            Kind::Table,
            Kind::Instance,
            Kind::Host,
            Kind::Account,
        ]
    }

    #[test]
    fn what_is_typed_is_read_by_its_kind_or_refused_with_what_it_takes() {
        let mut told = String::new();
        let typed = [
            "abc",
            "Abc",
            "",
            "7",
            "11",
            "-1",
            "10m",
            "2h",
            "ro",
            "yes",
            "否",
            "shop",
            "shop.orders",
            "a.b.c",
            "db-1:3306",
            "--help",
            "$(id)",
            "a b",
            "`x`",
        ];
        for kind in all() {
            told += &["## ", kind.word(), ": ", &kind.said().en, "\n"].concat();
            for text in typed {
                if let Ok(value) = of(kind.clone()).value(text) {
                    told += &[text, " is ", &value.to_string(), "\n"].concat();
                }
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn a_number_or_a_truth_of_the_api_is_read_as_if_it_were_typed() {
        assert_eq!(of(Kind::Boolean).value_of(&Value::Bool(false)), Ok(Value::Bool(false)));
        assert_eq!(of(Kind::Integer { least: 1, most: 10 }).value_of(&Value::from(7)), Ok(Value::from(7)));
        assert!(of(Kind::Integer { least: 1, most: 10 }).value_of(&Value::from(7.5)).is_err());
        assert!(of(Kind::Boolean).value_of(&serde_json::json!(["yes"])).is_err());
    }

    proptest! {
        #[test]
        fn no_name_holds_what_could_be_taken_for_something_else(text in any::<String>()) {
            for kind in all().into_iter().skip(6) {
                if let Ok(Value::String(name)) = of(kind).value(&text) {
                    prop_assert!(!name.contains(['\'', '"', '`', ' ', '\n', '\0', ';', '/', '\\', '(', '&', '|']));
                    prop_assert!(!name.starts_with('-'));
                }
            }
        }

        #[test]
        fn what_was_read_is_read_again_to_the_same(text in "[ -~]{0,12}") {
            for kind in all() {
                let it = of(kind);
                if let Ok(value) = it.value(&text) {
                    prop_assert_eq!(it.value_of(&value), Ok(value));
                }
            }
        }
    }
}
