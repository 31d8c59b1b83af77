//! One line of `SHOW GRANTS`.

use super::{
    tokens::{Token, Walk, tokens},
    unknown,
};
use crate::{name::AccountName, privilege::Scope};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What one line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Privileges on something.
    Privileges(OnScope),
    /// `partial_revokes`: privileges that a global grant does not reach to.
    Except {
        /// The database.
        database: String,
        /// The server's words.
        privileges: BTreeSet<String>,
    },
    /// Roles.
    Roles {
        /// Their names; without a host on MariaDB.
        roles: Vec<AccountName>,
        /// They may be handed on.
        is_admin: bool,
    },
    /// It may be taken for another account.
    Proxy {
        /// Which; empty names are anyone.
        of: AccountName,
        /// That may be handed on.
        is_grantable: bool,
    },
    /// MariaDB: the role that a session begins with.
    DefaultRole(String),
    /// A line that is not understood.
    Unknown(String),
}

/// Privileges on something, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnScope {
    /// On what.
    pub scope: Scope,
    /// Upper case; `ALL PRIVILEGES` is one of them, `USAGE` is none.
    pub privileges: BTreeSet<String>,
    /// Those on columns alone, with the columns.
    pub columns: BTreeMap<String, BTreeSet<String>>,
    /// They may be handed on.
    pub is_grantable: bool,
}

impl Grant {
    /// Reads a line.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        tokens(line).and_then(|tokens| read(&tokens)).unwrap_or_else(|| Self::Unknown(unknown(line)))
    }

    /// `GRANT USAGE ON *.*`: the account is there, and that is all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Privileges(on) if on.privileges.is_empty() && on.columns.is_empty() && !on.is_grantable)
    }
}

fn read(tokens: &[Token]) -> Option<Grant> {
    let mut walk = Walk::along(tokens);
    if walk.words("SET DEFAULT ROLE") {
        let role = walk.name()?;
        return (walk.words("FOR") && walk.account().is_some() && walk.is_at_end())
            .then_some(Grant::DefaultRole(role));
    }
    if walk.words("REVOKE") {
        return except(&mut walk);
    }
    if !walk.words("GRANT") {
        return None;
    }
    if walk.words("PROXY ON") {
        let of = walk.account()?;
        walk.words("TO").then_some(())?;
        walk.account()?;
        let is_grantable = walk.words("WITH GRANT OPTION");
        return walk.is_at_end().then_some(Grant::Proxy { of, is_grantable });
    }
    // A list without ON is one of roles.
    if tokens.iter().any(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("ON"))) {
        on_scope(&mut walk)
    } else {
        roles(&mut walk)
    }
}

fn roles(walk: &mut Walk<'_>) -> Option<Grant> {
    let mut roles = vec![walk.account()?];
    while walk.mark(',') {
        roles.push(walk.account()?);
    }
    walk.words("TO").then_some(())?;
    walk.account()?;
    let is_admin = walk.words("WITH ADMIN OPTION");
    walk.is_at_end().then_some(Grant::Roles { roles, is_admin })
}

fn except(walk: &mut Walk<'_>) -> Option<Grant> {
    let (privileges, columns) = list(walk)?;
    let Scope::Database(database) = scope(walk)? else { return None };
    walk.words("FROM").then_some(())?;
    walk.account()?;
    (columns.is_empty() && walk.is_at_end()).then_some(Grant::Except { database, privileges })
}

fn on_scope(walk: &mut Walk<'_>) -> Option<Grant> {
    let (mut privileges, columns) = list(walk)?;
    let scope = scope(walk)?;
    walk.words("TO").then_some(())?;
    walk.account()?;
    skip_identified(walk)?;
    skip_require(walk)?;
    let is_grantable = with(walk)?;
    privileges.remove("USAGE");
    walk.is_at_end().then_some(Grant::Privileges(OnScope { scope, privileges, columns, is_grantable }))
}

type List = (BTreeSet<String>, BTreeMap<String, BTreeSet<String>>);

/// Privileges up to `ON`: words, behind which columns may stand.
fn list(walk: &mut Walk<'_>) -> Option<List> {
    let (mut privileges, mut columns) = List::default();
    loop {
        let mut words = Vec::new();
        while let Some(Token::Word(word)) = walk.peek() {
            if word.eq_ignore_ascii_case("ON") {
                break;
            }
            words.push(word.to_ascii_uppercase());
            walk.next();
        }
        if words.is_empty() {
            return None;
        }
        let privilege = words.join(" ");
        if walk.mark('(') {
            let of: &mut BTreeSet<_> = columns.entry(privilege).or_default();
            loop {
                of.insert(walk.name()?);
                if walk.mark(')') {
                    break;
                }
                walk.mark(',').then_some(())?;
            }
        } else {
            privileges.insert(privilege);
        }
        if walk.words("ON") {
            return Some((privileges, columns));
        }
        walk.mark(',').then_some(())?;
    }
}

fn scope(walk: &mut Walk<'_>) -> Option<Scope> {
    if walk.mark('*') {
        return (walk.mark('.') && walk.mark('*')).then_some(Scope::Global);
    }
    let kinds = ["PROCEDURE", "FUNCTION", "PACKAGE BODY", "PACKAGE", "LIBRARY"];
    // A database may be called so; then a dot comes next.
    let kind = kinds.into_iter().find(|kind| {
        let mut ahead = Walk::along(walk.rest());
        ahead.words(kind) && ahead.peek() != Some(&Token::Mark('.')) && walk.words(kind)
    });
    let database = walk.name()?;
    walk.mark('.').then_some(())?;
    if walk.mark('*') {
        return kind.is_none().then_some(Scope::Database(database));
    }
    let name = walk.name()?;
    Some(match kind {
        None => Scope::Table(database, name),
        Some(kind) => Scope::Routine(kind.to_owned(), database, name),
    })
}

/// MariaDB: how it logs in stands in the first line, too. That is read from `SHOW CREATE USER`.
fn skip_identified(walk: &mut Walk<'_>) -> Option<()> {
    if walk.words("IDENTIFIED BY PASSWORD") {
        walk.name()?;
    } else if walk.words("IDENTIFIED VIA") {
        loop {
            walk.name()?;
            if walk.words("USING") {
                walk.name()?;
            }
            if !walk.words("OR") {
                break;
            }
        }
    }
    Some(())
}

fn skip_require(walk: &mut Walk<'_>) -> Option<()> {
    if walk.words("REQUIRE") {
        super::attributes::require(walk)?;
    }
    Some(())
}

/// `WITH GRANT OPTION` and MariaDB's limits, in any number.
fn with(walk: &mut Walk<'_>) -> Option<bool> {
    let mut is_grantable = false;
    if walk.words("WITH") {
        while !walk.is_at_end() {
            if walk.words("GRANT OPTION") {
                is_grantable = true;
            } else {
                super::attributes::limit(walk)?;
            }
        }
    }
    Some(is_grantable)
}

impl fmt::Display for Grant {
    /// As people are told.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Privileges(on) => write!(f, "{on}"),
            Self::Except { database, privileges } => {
                write!(f, "REVOKE {} ON {database}.*", words(privileges))
            }
            Self::Roles { roles, is_admin } => {
                let roles = words(roles);
                write!(f, "ROLE {roles}{}", if *is_admin { " WITH ADMIN OPTION" } else { "" })
            }
            Self::Proxy { of, is_grantable } => {
                write!(f, "PROXY ON {of}{}", if *is_grantable { " WITH GRANT OPTION" } else { "" })
            }
            Self::DefaultRole(role) => write!(f, "DEFAULT ROLE {role}"),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for OnScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns =
            self.columns.iter().map(|(privilege, columns)| format!("{privilege} ({})", words(columns)));
        let all: Vec<_> = self.privileges.iter().cloned().chain(columns).collect();
        let all = if all.is_empty() { "USAGE".to_owned() } else { words(&all) };
        let option = if self.is_grantable { " WITH GRANT OPTION" } else { "" };
        write!(f, "{all} ON {}{option}", self.scope)
    }
}

fn words<T: fmt::Display>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines of MySQL 9.7 and MariaDB 10.11, as they print them.
    const LINES: &str = include_str!("grants.txt");

    #[test]
    fn both_servers_are_read() {
        let read: Vec<_> = LINES
            .lines()
            .map(|line| format!("{line}\n    {:?}\n", Grant::parse(line)))
            .map(|text| text.replace("*B69027D44F6E5EDC07F1AEAD1477967B16F28227", "*…"))
            .collect();
        insta::assert_snapshot!(read.concat());
    }

    #[test]
    fn what_is_not_understood_is_kept_without_its_hash() {
        for line in [
            "GRANT NEW THING `x` ON *.* TO `a`@`b` IDENTIFIED BY PASSWORD '*B69027D44F6E5EDC07F1AEAD1477967B16F28227'",
            "GRANT SELECT ON *.* TO `a`@`b` IDENTIFIED SOMEHOW '*B69027D44F6E5EDC07F1AEAD1477967B16F28227'",
            "GRANT SELECT ON *.* TO `a`@`b` WITH SOMETHING NEW",
            "GRANT SELECT ON `unclosed TO a",
            "DENY SELECT ON *.* TO a",
        ] {
            let Grant::Unknown(text) = Grant::parse(line) else { panic!("{line} is not understood") };
            assert!(!text.is_empty() && !text.contains("*B69"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,120}") {
            let _ = Grant::parse(&text);
            let _ = Grant::parse(&format!("GRANT {text}"));
            let _ = Grant::parse(&format!("GRANT SELECT ON {text}"));
        }

        #[test]
        fn every_name_comes_back(database in "[^\0]{1,20}", table in "[^\0]{1,20}", user in "[^\0]{0,20}") {
            let scope = Scope::Table(database, table);
            let account = AccountName::new(&user, "localhost");
            let line = format!("GRANT SELECT ON {} TO {}", scope.sql(), account.sql());
            let Grant::Privileges(on) = Grant::parse(&line) else { panic!("{line}") };
            prop_assert_eq!(on.scope, scope);
        }
    }
}
