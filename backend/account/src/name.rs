//! Names: of accounts that dbdesk makes, which are strict, and of those that a server has, which may be anything.

use crate::host::HostPattern;
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest user name.
pub const USER_CHARS: usize = 32;
/// Longest user name of two accounts that take turns: `_a` and `_b` come behind it.
pub const BASE_CHARS: usize = USER_CHARS - 2;
/// Longest name of a database or table.
pub const NAME_CHARS: usize = 64;

/// Names of the servers' own accounts, of dbdesk's, and of what the grammar takes for something else.
const RESERVED_STEM: &str = "dbdesk";
const RESERVED: [&str; 12] = [
    "root",
    "mysql",
    "mariadb",
    "admin",
    "administrator",
    "public",
    "none",
    "current_user",
    "current_role",
    "session_user",
    "system_user",
    "event_scheduler",
];
/// Databases of the server itself.
const SYSTEM_DATABASES: [&str; 5] = ["mysql", "sys", "information_schema", "performance_schema", "ndbinfo"];

/// A name between backquotes: that is read alike under every `sql_mode`, and takes any text.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// As it was typed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Self::parse(&text).map_err(|said| said.en.into_owned())
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

/// The user's part of an account that dbdesk makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);
text!(UserName);

impl UserName {
    /// Reads one, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Said> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let starts = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase());
        if !starts || !text.bytes().all(allowed) {
            return Err(said!(
                "a user name begins with a letter and has lower case letters, digits and _ only, such as shop_reader; \
                 “{shown}” does not",
                "用户名须以字母开头，且只能包含小写字母、数字和 _，例如 shop_reader；“{shown}”不符合",
                shown = cut(text)
            ));
        }
        if text.len() > USER_CHARS {
            return Err(said!(
                "a user name has at most {USER_CHARS} characters; this one has {length}: shorten it",
                "用户名最多 {USER_CHARS} 个字符，而这个有 {length} 个：请缩短",
                length = text.len()
            ));
        }
        if RESERVED.contains(&text) || text.starts_with(RESERVED_STEM) {
            return Err(said!(
                "{text} is a name of the servers' own accounts or of dbdesk's: choose another, such as the application's",
                "{text} 是服务器或 dbdesk 自用的账号名：请换一个，例如用应用的名称"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The two names that take turns where an account can have one password only.
    pub fn turns(&self) -> Result<[Self; 2], Said> {
        if self.0.len() > BASE_CHARS {
            return Err(said!(
                "on MariaDB a user name has at most {BASE_CHARS} characters, since _a or _b comes behind it; this one has {length}: \
                 shorten it",
                "在 MariaDB 上用户名最多 {BASE_CHARS} 个字符，因为后面还要加 _a 或 _b；这个有 {length} 个：请缩短",
                length = self.0.len()
            ));
        }
        Ok(["a", "b"].map(|turn| Self(format!("{}_{turn}", self.0))))
    }
}

/// A database that dbdesk grants on or makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatabaseName(String);
text!(DatabaseName);

impl DatabaseName {
    /// Reads one, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Said> {
        if SYSTEM_DATABASES.iter().any(|system| text.eq_ignore_ascii_case(system)) {
            return Err(said!(
                "{text} belongs to the server itself, and nobody is given anything there: name a database of the service",
                "{text} 属于服务器自身，不能在其上授权：请填写业务的数据库"
            ));
        }
        plain(text).map(Self)
    }
}

/// A table that dbdesk grants on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName(String);
text!(TableName);

impl TableName {
    /// Reads one, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Said> {
        plain(text).map(Self)
    }
}

fn plain(text: &str) -> Result<String, Said> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_$-".contains(&byte);
    if text.is_empty() || text.len() > NAME_CHARS || !text.bytes().all(allowed) {
        return Err(said!(
            "the name of a database or table is written in full, without * or %, in 1 to {NAME_CHARS} letters, digits, _, $ and -; \
             “{shown}” is not",
            "库名和表名须完整书写，不能含 * 或 %，由 1 到 {NAME_CHARS} 个字母、数字、_、$ 和 - 组成；“{shown}”不符合",
            shown = cut(text)
        ));
    }
    Ok(text.to_owned())
}

/// Enough of what was typed to know it again; it may have been a password.
fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(NAME_CHARS).collect()
}

/// An account as a server names it: any text on both sides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountName {
    /// Its user; empty is the anonymous one.
    pub user: String,
    /// Its host or pattern; empty for a role of MariaDB.
    pub host: String,
}

impl AccountName {
    /// That of an account which dbdesk makes.
    #[must_use]
    pub fn of(user: &UserName, host: &HostPattern) -> Self {
        Self { user: user.0.clone(), host: host.to_string() }
    }

    /// From the two columns of `mysql.user`.
    #[must_use]
    pub fn new(user: &str, host: &str) -> Self {
        Self { user: user.to_owned(), host: host.to_owned() }
    }

    /// As SQL names it.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{}@{}", quoted(&self.user), quoted(&self.host))
    }
}

impl fmt::Display for AccountName {
    /// As people are told: the anonymous user is `''`, and a role of MariaDB has no host.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = if self.user.is_empty() { "''" } else { &*self.user };
        match &*self.host {
            "" => f.write_str(user),
            host => write!(f, "{user}@{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_commands::lang::Lang;

    #[test]
    fn a_refusal_says_what_why_and_how_to_mend_it() {
        let long = "a".repeat(33);
        let users = ["root", "mysql", "dbdesk_run", "Shop", "1st", "shop-a", "", &long].map(UserName::parse);
        let databases = ["mysql", "SYS", "shop%", "a`b", ""].map(DatabaseName::parse);
        let tables = ["*", "orders, items"].map(TableName::parse);
        let said = users
            .into_iter()
            .map(|parsed| parsed.map(|_| ()))
            .chain(databases.into_iter().map(|parsed| parsed.map(|_| ())))
            .chain(tables.into_iter().map(|parsed| parsed.map(|_| ())))
            .map(|refused| refused.expect_err("is refused"))
            .flat_map(|said| [Lang::En, Lang::Zh].map(|lang| said.in_lang(lang).to_owned()))
            .collect::<Vec<_>>()
            .join("\n");
        insta::assert_snapshot!(said);
    }

    #[test]
    fn a_name_that_takes_turns_has_room_for_its_letter() {
        let names = UserName::parse(&"a".repeat(30)).expect("a name").turns().expect("room");
        assert_eq!(names.map(|name| name.0.len()), [32, 32]);
        assert!(UserName::parse(&"a".repeat(31)).expect("a name").turns().is_err());
    }
}
