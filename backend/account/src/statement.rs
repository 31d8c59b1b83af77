//! One step on a server, typed, and the SQL that makes it.

use crate::{
    database::Database,
    dialect::Dialect,
    name::{AccountName, quoted},
    privilege::{Privilege, Scope, listed},
    scramble::Scramble,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};
use zeroize::Zeroizing;

/// "There is no such grant defined": for an account, for a table of it, for a routine of it. What was to be revoked is gone.
const NO_SUCH_GRANT: &[u16] = &[1141, 1147, 1403];

/// How an account may connect, besides from where and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Only over TLS.
    pub tls: bool,
    /// Connections at one time; 0 is what the server allows everyone.
    pub connections: u32,
}

impl Limits {
    fn sql(self) -> String {
        let require = if self.tls { "SSL" } else { "NONE" };
        format!("REQUIRE {require} WITH MAX_USER_CONNECTIONS {}", self.connections)
    }
}

/// What is done to an account or database. Each may be done again, to the same end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes it, locked, unless it is there.
    Create(AccountName, Scramble, Limits),
    /// Sets its password and limits, and leaves or makes it locked.
    Remake(AccountName, Scramble, Limits),
    /// Sets its limits.
    Limit(AccountName, Limits),
    /// Sets its password; the old one goes on as a second one. MySQL.
    Rotate(AccountName, Scramble),
    /// Ends its second password. MySQL.
    EndOld(AccountName),
    /// Nobody can log in to it any more.
    Lock(AccountName),
    /// Lets it in again.
    Unlock(AccountName),
    /// Ends it.
    Drop(AccountName),
    /// Gives it privileges.
    Grant(AccountName, Scope, BTreeSet<Privilege>),
    /// Takes some of them.
    Revoke(AccountName, Scope, BTreeSet<Privilege>),
    /// It may no longer hand on what it has there.
    RevokeGrantOption(AccountName, Scope),
    /// Takes all privileges from it, whatever they are; on MariaDB also its roles. It needs no privilege but `CREATE USER`.
    RevokeAll(AccountName),
    /// Takes all privileges from a role of MariaDB.
    RevokeAllOfRole(String),
    /// Takes a role from it.
    RevokeRole(AccountName, AccountName),
    /// It may no longer be taken for another.
    RevokeProxy(AccountName, AccountName),
    /// Makes a database, unless it is there; one that is there is not changed.
    MakeDatabase(Database),
}

/// When a statement must not be sent again.
#[derive(Clone, PartialEq, Eq)]
pub enum Unless {
    /// The account has this hash already: to send it again would end the old password, which is to go on.
    Has(AccountName, Scramble),
}

/// SQL for a server, and what people may see of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    sql: Zeroizing<String>,
    shown: String,
    unless: Option<Unless>,
    settled: &'static [u16],
}

impl Statement {
    /// What is sent. It may have a hash in it: not for people, logs or tickets.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The same with `<secret>` in place of a hash.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// When it is left out.
    #[must_use]
    pub fn unless(&self) -> Option<&Unless> {
        self.unless.as_ref()
    }

    /// Whether this error of the server says that it is so already.
    #[must_use]
    pub fn is_settled_by(&self, code: u16) -> bool {
        self.settled.contains(&code)
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({})", self.shown)
    }
}

impl fmt::Debug for Unless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Has(account, _) = self;
        write!(f, "Unless::Has({account}, …)")
    }
}

impl Step {
    /// The account that it is about.
    #[must_use]
    pub fn account(&self) -> Option<&AccountName> {
        match self {
            Self::Create(account, ..)
            | Self::Remake(account, ..)
            | Self::Limit(account, _)
            | Self::Rotate(account, _)
            | Self::EndOld(account)
            | Self::Lock(account)
            | Self::Unlock(account)
            | Self::Drop(account)
            | Self::Grant(account, ..)
            | Self::Revoke(account, ..)
            | Self::RevokeGrantOption(account, _)
            | Self::RevokeAll(account)
            | Self::RevokeRole(account, _)
            | Self::RevokeProxy(account, _) => Some(account),
            Self::RevokeAllOfRole(_) | Self::MakeDatabase(_) => None,
        }
    }

    /// Whether a session that is there goes on with what is taken.
    #[must_use]
    pub fn takes(&self) -> bool {
        matches!(
            self,
            Self::Limit(..)
                | Self::EndOld(_)
                | Self::Lock(_)
                | Self::Drop(_)
                | Self::Revoke(..)
                | Self::RevokeAll(_)
                | Self::RevokeRole(..)
                | Self::RevokeProxy(..)
        )
    }

    /// The SQL for a server.
    #[must_use]
    pub fn statement(&self, dialect: Dialect) -> Statement {
        let [sql, shown] = [false, true].map(|is_shown| self.sql(dialect, is_shown));
        let unless = match self {
            Self::Rotate(account, scramble) => Some(Unless::Has(account.clone(), scramble.clone())),
            _ => None,
        };
        let settled = match self {
            Self::Revoke(..) | Self::RevokeGrantOption(..) | Self::RevokeRole(..) | Self::RevokeProxy(..) => {
                NO_SUCH_GRANT
            }
            _ => &[],
        };
        Statement { shown: (*shown).clone(), sql, unless, settled }
    }

    fn sql(&self, dialect: Dialect, is_shown: bool) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Create(account, scramble, limits) => format!(
                "CREATE USER IF NOT EXISTS {} {} {} ACCOUNT LOCK",
                account.sql(),
                &*scramble.sql(is_shown),
                limits.sql()
            ),
            Self::Remake(account, scramble, limits) => format!(
                "ALTER USER {} {} {} ACCOUNT LOCK",
                account.sql(),
                &*scramble.sql(is_shown),
                limits.sql()
            ),
            Self::Limit(account, limits) => format!("ALTER USER {} {}", account.sql(), limits.sql()),
            Self::Rotate(account, scramble) => {
                format!("ALTER USER {} {} RETAIN CURRENT PASSWORD", account.sql(), &*scramble.sql(is_shown))
            }
            Self::EndOld(account) => format!("ALTER USER IF EXISTS {} DISCARD OLD PASSWORD", account.sql()),
            Self::Lock(account) => format!("ALTER USER IF EXISTS {} ACCOUNT LOCK", account.sql()),
            Self::Unlock(account) => format!("ALTER USER {} ACCOUNT UNLOCK", account.sql()),
            Self::Drop(account) => format!("DROP USER IF EXISTS {}", account.sql()),
            Self::Grant(account, scope, privileges) => {
                format!("GRANT {} ON {} TO {}", listed(privileges), scope.sql(), account.sql())
            }
            Self::Revoke(account, scope, privileges) => {
                format!("REVOKE {} ON {} FROM {}", listed(privileges), scope.sql(), account.sql())
            }
            Self::RevokeGrantOption(account, scope) => {
                format!("REVOKE GRANT OPTION ON {} FROM {}", scope.sql(), account.sql())
            }
            Self::RevokeAll(account) => format!("REVOKE ALL PRIVILEGES, GRANT OPTION FROM {}", account.sql()),
            Self::RevokeAllOfRole(role) => {
                // `PUBLIC` is a word and no name.
                let role =
                    if role.eq_ignore_ascii_case("PUBLIC") { "PUBLIC".to_owned() } else { quoted(role) };
                format!("REVOKE ALL PRIVILEGES, GRANT OPTION FROM {role}")
            }
            Self::RevokeRole(account, role) => {
                // MariaDB's roles have no host.
                let role = if dialect.is_mariadb() { quoted(&role.user) } else { role.sql() };
                format!("REVOKE {role} FROM {}", account.sql())
            }
            Self::RevokeProxy(account, of) => format!("REVOKE PROXY ON {} FROM {}", of.sql(), account.sql()),
            Self::MakeDatabase(database) => {
                let charset = &database.charset;
                let collation =
                    charset.collation().map(|name| format!(" COLLATE {name}")).unwrap_or_default();
                format!(
                    "CREATE DATABASE IF NOT EXISTS {} CHARACTER SET {}{collation}",
                    quoted(database.name.as_str()),
                    charset.name()
                )
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        database::Charset,
        name::DatabaseName,
        password::{PASSWORD_CHARS, Password},
        scramble::{Plugin, SALT_CHANCE},
    };
    use dbdesk_review::Flavour;
    use proptest::prelude::*;

    fn every_step(plugin: Plugin, dialect: Dialect) -> Vec<Step> {
        let scramble = Scramble::of(&Password::generate(&[1; PASSWORD_CHARS]), plugin, &[2; SALT_CHANCE]);
        let account = AccountName::new("shop_reader", "10.1.0.0/255.255.0.0");
        let limits = Limits { tls: true, connections: 20 };
        let name = DatabaseName::parse("shop_a").expect("a name");
        let scope = Scope::database(&name, dialect);
        let some = BTreeSet::from([Privilege::Select, Privilege::ShowView]);
        let role = AccountName::new("reporting", if dialect.is_mariadb() { "" } else { "%" });
        let charset = Charset::parse("utf8mb4", Some("utf8mb4_bin")).expect("a charset");
        vec![
            Step::Create(account.clone(), scramble.clone(), limits),
            Step::Remake(account.clone(), scramble.clone(), limits),
            Step::Limit(account.clone(), Limits::default()),
            Step::Rotate(account.clone(), scramble),
            Step::EndOld(account.clone()),
            Step::Lock(account.clone()),
            Step::Unlock(account.clone()),
            Step::Drop(account.clone()),
            Step::Grant(account.clone(), scope.clone(), some.clone()),
            Step::Revoke(account.clone(), Scope::Table("shop_a".into(), "orders".into()), some),
            Step::RevokeGrantOption(account.clone(), scope),
            Step::RevokeAll(account.clone()),
            Step::RevokeAllOfRole("PUBLIC".into()),
            Step::RevokeRole(account.clone(), role),
            Step::RevokeProxy(account, AccountName::new("", "")),
            Step::MakeDatabase(Database { name, charset }),
        ]
    }

    fn shown(plugin: Plugin, dialect: Dialect) -> String {
        let steps = every_step(plugin, dialect);
        steps.iter().map(|step| step.statement(dialect).shown().to_owned()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_shown_of_every_step_on_mysql() {
        insta::assert_snapshot!(shown(Plugin::CachingSha2, Dialect::of(Flavour::mysql(8, 4))));
    }

    #[test]
    fn what_is_shown_of_every_step_on_mariadb() {
        insta::assert_snapshot!(shown(Plugin::Native, Dialect::of(Flavour::mariadb(10, 11))));
    }

    #[test]
    fn a_statement_is_printed_without_its_hash() {
        let dialect = Dialect::of(Flavour::mysql(8, 4));
        for step in every_step(Plugin::CachingSha2, dialect) {
            let statement = step.statement(dialect);
            let printed = format!("{statement:?} {step:?} {:?}", statement.unless());
            assert!(!printed.contains("0x") && !printed.contains("$A$"), "{printed}");
            assert_eq!(statement.sql() != statement.shown(), statement.shown().contains("<secret>"));
        }
    }

    proptest! {
        #[test]
        fn no_name_of_a_live_account_leaves_its_quotes(user in "\\PC{0,20}", host in "\\PC{0,20}") {
            let sql = AccountName::new(&user, &host).sql();
            // Outside of backquotes, doubled ones inside, nothing but the @ is left.
            let mut outside = String::new();
            let mut letters = sql.chars().peekable();
            let mut is_inside = false;
            while let Some(letter) = letters.next() {
                match letter {
                    '`' if is_inside && letters.peek() == Some(&'`') => { letters.next(); }
                    '`' => is_inside = !is_inside,
                    letter if !is_inside => outside.push(letter),
                    _ => {}
                }
            }
            prop_assert!(!is_inside);
            prop_assert_eq!(outside, "@");
        }
    }
}
