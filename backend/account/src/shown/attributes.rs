//! What `SHOW CREATE USER` says: how an account logs in, and whether it may.

use super::{
    tokens::{Token, Walk, tokens},
    unknown,
};
use crate::name::AccountName;

/// What an account must bring besides its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Nothing.
    #[default]
    No,
    /// An encrypted connection.
    Yes,
    /// A certificate, of any or of a certain kind.
    Certificate,
}

/// How an account logs in, without what it logs in with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Names of plugins: one, or the ways that MariaDB tries, or the factors that MySQL wants. Empty where the server does not say; it
    /// is then its usual one.
    pub plugins: Vec<String>,
    /// It has no password: whoever knows its name is in.
    pub is_open: bool,
    /// MySQL: it has a second password beside that. `SHOW CREATE USER` does not tell; it is asked for.
    pub has_second_password: bool,
    /// Nobody can log in.
    pub is_locked: bool,
    /// What the connection must be.
    pub tls: Tls,
    /// Connections at one time; 0 is no limit of its own.
    pub connections: u32,
    /// Roles that a session begins with.
    pub default_roles: Vec<AccountName>,
    /// The first thing that is not understood, with what comes behind it.
    pub unknown: Option<String>,
}

impl Attributes {
    /// Reads a statement as the server prints it.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut attributes = Self::default();
        let Some(tokens) = tokens(line) else {
            attributes.unknown = Some(unknown(line));
            return attributes;
        };
        attributes.is_open = true;
        let mut walk = Walk::along(&tokens);
        if !(walk.words("CREATE USER") && walk.account().is_some()) {
            attributes.unknown = Some(unknown(line));
            return attributes;
        }
        while !walk.is_at_end() {
            let before = walk.rest();
            if attributes.clause(&mut walk).is_none() {
                attributes.unknown = Some(words(before));
                break;
            }
        }
        attributes
    }

    fn clause(&mut self, walk: &mut Walk<'_>) -> Option<()> {
        if walk.words("IDENTIFIED") || walk.words("AND IDENTIFIED") {
            return self.identified(walk);
        }
        if walk.words("REQUIRE") {
            self.tls = require(walk)?;
        } else if walk.words("WITH") {
            while matches!(walk.peek(), Some(Token::Word(word)) if word.to_ascii_uppercase().starts_with("MAX_"))
            {
                let (name, number) = limit(walk)?;
                if name == "MAX_USER_CONNECTIONS" {
                    self.connections = number;
                }
            }
        } else if walk.words("ACCOUNT LOCK") {
            self.is_locked = true;
        } else if walk.words("ACCOUNT UNLOCK") {
            self.is_locked = false;
        } else if walk.words("DEFAULT ROLE") {
            self.default_roles.push(walk.account()?);
            while walk.mark(',') {
                self.default_roles.push(walk.account()?);
            }
        } else if walk.words("ATTRIBUTE") || walk.words("COMMENT") {
            walk.name()?;
        } else {
            return of_no_account(walk);
        }
        Some(())
    }

    fn identified(&mut self, walk: &mut Walk<'_>) -> Option<()> {
        if walk.words("BY PASSWORD") {
            self.plugins.push("mysql_native_password".to_owned());
            return self.secret(walk);
        }
        if walk.words("WITH") {
            self.plugins.push(walk.name()?);
            return if walk.words("AS") { self.secret(walk) } else { Some(()) };
        }
        walk.words("VIA").then_some(())?;
        loop {
            self.plugins.push(walk.name()?);
            if walk.words("USING") || walk.words("AS") {
                self.secret(walk)?;
            }
            if !walk.words("OR") {
                return Some(());
            }
        }
    }

    /// Goes over a hash, which is not kept.
    fn secret(&mut self, walk: &mut Walk<'_>) -> Option<()> {
        if !matches!(walk.next()?, Token::Text(text) if text.is_empty()) {
            self.is_open = false;
        }
        Some(())
    }
}

/// When passwords age, and how often one may be wrong: read and left alone.
fn of_no_account(walk: &mut Walk<'_>) -> Option<()> {
    let clauses = [
        "PASSWORD EXPIRE INTERVAL",
        "PASSWORD EXPIRE",
        "PASSWORD HISTORY",
        "PASSWORD REUSE INTERVAL",
        "PASSWORD REQUIRE CURRENT",
        "FAILED_LOGIN_ATTEMPTS",
        "PASSWORD_LOCK_TIME",
    ];
    clauses.into_iter().any(|clause| walk.words(clause)).then_some(())?;
    let values = ["DEFAULT", "NEVER", "OPTIONAL", "UNBOUNDED"];
    if !values.into_iter().any(|value| walk.words(value))
        && matches!(walk.peek(), Some(Token::Word(word)) if word.bytes().all(|byte| byte.is_ascii_digit()))
    {
        walk.next();
        walk.words("DAY");
    }
    Some(())
}

/// What follows `REQUIRE`.
pub(super) fn require(walk: &mut Walk<'_>) -> Option<Tls> {
    if walk.words("NONE") {
        return Some(Tls::No);
    }
    if walk.words("SSL") {
        return Some(Tls::Yes);
    }
    if walk.words("X509") {
        return Some(Tls::Certificate);
    }
    let mut seen = None;
    while ["ISSUER", "SUBJECT", "CIPHER", "AND ISSUER", "AND SUBJECT", "AND CIPHER"]
        .into_iter()
        .any(|clause| walk.words(clause))
    {
        walk.name()?;
        seen = Some(Tls::Certificate);
    }
    seen
}

/// `MAX_… n`.
pub(super) fn limit(walk: &mut Walk<'_>) -> Option<(String, u32)> {
    let Some(Token::Word(name)) = walk.next() else { return None };
    let name = name.to_ascii_uppercase();
    name.starts_with("MAX_").then_some(())?;
    if name == "MAX_STATEMENT_TIME" {
        // Seconds with a fraction.
        walk.number()?;
        if walk.mark('.') {
            walk.number()?;
        }
        return Some((name, 0));
    }
    Some((name, walk.number()?))
}

/// The first words of what is not understood; names and texts are left out, since one may be a hash.
fn words(tokens: &[Token]) -> String {
    let words = tokens.iter().map_while(|token| match token {
        Token::Word(word) if !word.eq_ignore_ascii_case("IDENTIFIED") => Some(word.as_str()),
        _ => None,
    });
    let text = words.take(8).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "?".to_owned() } else { unknown(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Statements of MySQL 9.7 and MariaDB 10.11, as they print them.
    const LINES: &str = include_str!("create_users.txt");

    #[test]
    fn both_servers_are_read() {
        let read: Vec<_> =
            LINES.lines().map(|line| format!("{line}\n    {:?}\n", Attributes::parse(line))).collect();
        insta::assert_snapshot!(read.concat());
    }

    #[test]
    fn no_hash_is_kept() {
        for line in LINES.lines() {
            let kept = format!("{:?}", Attributes::parse(line));
            assert!(!kept.contains("$A$") && !kept.contains("*B69") && !kept.contains("0x24"), "{kept}");
        }
    }

    #[test]
    fn what_is_not_understood_is_kept_and_is_no_hash() {
        let line = "CREATE USER `a`@`%` IDENTIFIED SOMEHOW '*B69027D44F6E5EDC07F1AEAD1477967B16F28227'";
        assert_eq!(Attributes::parse(line).unknown.as_deref(), Some("?"));
        let line = "CREATE USER `a`@`%` REQUIRE NONE BRAND NEW 'thing'";
        assert_eq!(Attributes::parse(line).unknown.as_deref(), Some("BRAND NEW"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,120}") {
            let _ = Attributes::parse(&text);
            let _ = Attributes::parse(&format!("CREATE USER `a`@`b` {text}"));
            let _ = Attributes::parse(&format!("CREATE USER `a`@`b` WITH MAX_{text}"));
        }
    }
}
