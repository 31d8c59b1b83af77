//! A database as it is asked for.

use crate::name::DatabaseName;
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};

/// Character sets that a new database may have.
pub const CHARSETS: [&str; 6] = ["utf8mb4", "latin1", "ascii", "binary", "gbk", "gb18030"];

/// A character set and a collation of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Charset {
    name: String,
    collation: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    collation: Option<String>,
}

impl TryFrom<Written> for Charset {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        Self::parse(&written.name, written.collation.as_deref()).map_err(|said| said.en.into_owned())
    }
}

impl From<Charset> for Written {
    fn from(charset: Charset) -> Self {
        Self { name: charset.name, collation: charset.collation }
    }
}

impl Charset {
    /// Reads both; without a collation the server's own for the character set is taken.
    pub fn parse(name: &str, collation: Option<&str>) -> Result<Self, Said> {
        let name = name.trim().to_ascii_lowercase();
        if !CHARSETS.contains(&&*name) {
            return Err(said!(
                "a character set is one of {known}; take utf8mb4 unless you know why not",
                "字符集须为 {known} 之一；没有特殊原因请用 utf8mb4",
                known = CHARSETS.join(", ")
            ));
        }
        let collation = collation.map(|collation| collation.trim().to_ascii_lowercase());
        if let Some(collation) = &collation {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            let is_of = *collation == name || collation.starts_with(&format!("{name}_"));
            if !is_of || collation.len() > crate::name::NAME_CHARS || !collation.bytes().all(allowed) {
                return Err(said!(
                    "a collation of {name} begins with {name}_, such as utf8mb4_0900_ai_ci of utf8mb4: choose one, or leave it out",
                    "{name} 的排序规则以 {name}_ 开头，例如 utf8mb4 的 utf8mb4_0900_ai_ci：请选择一个，或留空"
                ));
            }
        }
        Ok(Self { name, collation })
    }

    /// The character set.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The collation, where one was asked for.
    #[must_use]
    pub fn collation(&self) -> Option<&str> {
        self.collation.as_deref()
    }
}

/// A database with what its tables get where they do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    /// Its name.
    pub name: DatabaseName,
    /// Its character set.
    pub charset: Charset,
}

/// A database as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDatabase {
    /// Its character set.
    pub charset: String,
    /// Its collation.
    pub collation: String,
}

impl Database {
    /// Whether one that is there already is what was asked for; one that is not is never changed, a person is told.
    pub fn agrees(&self, live: &LiveDatabase) -> Result<(), Said> {
        let collation = self.charset.collation().unwrap_or(&live.collation);
        if live.charset == self.charset.name && live.collation == collation {
            return Ok(());
        }
        Err(said!(
            "{name} is there already, with {charset} ({found}) and not as asked for: it is left as it is; ask for that, or for another name",
            "{name} 已经存在，字符集为 {charset}（{found}），与申请不一致：保持原样；请按现状申请，或换一个名称",
            name = self.name,
            charset = live.charset,
            found = live.collation
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collation_belongs_to_its_character_set() {
        assert!(Charset::parse("utf8mb4", Some("utf8mb4_bin")).is_ok());
        assert!(Charset::parse("UTF8MB4", None).is_ok());
        assert!(Charset::parse("utf8mb4", Some("latin1_bin")).is_err());
        assert!(Charset::parse("utf8mb4", Some("utf8mb4_bin; DROP DATABASE x")).is_err());
        assert!(Charset::parse("utf8", None).is_err());
    }

    #[test]
    fn a_database_that_is_there_is_not_changed_to_what_was_asked() {
        let asked = Database {
            name: DatabaseName::parse("shop").expect("a name"),
            charset: Charset::parse("utf8mb4", None).expect("a charset"),
        };
        let live =
            |charset: &str| LiveDatabase { charset: charset.into(), collation: format!("{charset}_x") };
        assert_eq!(asked.agrees(&live("utf8mb4")), Ok(()));
        let said = asked.agrees(&live("latin1")).expect_err("another character set");
        assert!(said.en.contains("left as it is"));
    }
}
