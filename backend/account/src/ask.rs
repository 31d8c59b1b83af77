//! What a ticket asks for: typed fields, the statements that they come to, and the text that people approve.
//!
//! The text is made from the fields alone. What runs is made from the same fields for the server as it is; it is refused where the text
//! that was approved is not the text of its fields.

use crate::{
    database::Database,
    dialect::Dialect,
    drift::Expected,
    host::HostPattern,
    name::{AccountName, UserName},
    own::Gets,
    password::{PASSWORD_CHARS, Password},
    privilege::{Privileges, Reach, Scope},
    scramble::{Plugin, SALT_CHANCE, Scramble},
    statement::{Limits, Step},
    statements,
};
use chrono::{DateTime, Utc};
use dbdesk_commands::{
    id::{AccountId, TicketId},
    lang::Said,
};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// An account of the desk: who, from where, what it may, and how often its password was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its number at the desk.
    pub id: AccountId,
    /// The user; on MariaDB what the two that take turns begin with.
    pub user: UserName,
    /// From where.
    pub hosts: Vec<HostPattern>,
    /// What it may.
    pub privileges: Privileges,
    /// How it may connect.
    pub limits: Limits,
    /// How it logs in.
    pub plugin: Plugin,
    /// Counts its passwords, from 0.
    pub generation: u32,
}

impl Account {
    /// The accounts of a generation on a server.
    pub fn names(&self, generation: u32, dialect: Dialect) -> Result<Vec<AccountName>, Said> {
        if dialect.has_dual_passwords() {
            return Ok(statements::accounts(&self.user, &self.hosts));
        }
        let [a, b] = self.user.turns()?;
        Ok(statements::accounts(if generation.is_multiple_of(2) { &a } else { &b }, &self.hosts))
    }

    /// All that it may have on a server: on MariaDB those of both turns.
    pub fn all_names(&self, dialect: Dialect) -> Result<Vec<AccountName>, Said> {
        let mut names = self.names(0, dialect)?;
        if !dialect.has_dual_passwords() {
            names.extend(self.names(1, dialect)?);
        }
        Ok(names)
    }

    /// What should be there: its accounts, and while an old password lives beside it those of the generation before.
    pub fn expected(
        &self,
        old_lives: bool,
        is_locked: bool,
        dialect: Dialect,
    ) -> Result<Vec<Expected>, Said> {
        let mut names = self.names(self.generation, dialect)?;
        if old_lives && self.generation > 0 && !dialect.has_dual_passwords() {
            names.extend(self.names(self.generation - 1, dialect)?);
        }
        let one = |name| Expected {
            name,
            plugin: self.plugin,
            limits: self.limits,
            is_locked,
            is_rotating: old_lives,
            privileges: vec![self.privileges.clone()],
        };
        Ok(names.into_iter().map(one).collect())
    }
}

/// How an account was ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// By which ticket.
    pub ticket: TicketId,
    /// Whose.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A new account.
    Create {
        /// Which.
        account: Account,
        /// It ends then.
        until: DateTime<Utc>,
        /// A hash was given; else the desk makes a password.
        given: bool,
    },
    /// An account lives on.
    Renew {
        /// Which.
        account: Account,
        /// It ends then.
        until: DateTime<Utc>,
        /// A person's ticket ended it before its time; it is let in again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revoked: Option<Revoked>,
    },
    /// Another password; `generation` is the new one. The one before goes on for a while.
    Rotate {
        /// Which.
        account: Account,
        /// Hours for which the one before goes on.
        grace_hours: u32,
        /// A hash was given; else the desk makes a password.
        given: bool,
    },
    /// The password before the last one ends.
    EndOld {
        /// Which.
        account: Account,
    },
    /// Nobody logs in any more.
    Lock {
        /// Which.
        account: Account,
    },
    /// It is removed.
    Drop {
        /// Which.
        account: Account,
    },
    /// The accounts of a service group are made what tickets granted.
    Repair {
        /// Those that differ, as they were named when that was seen.
        accounts: Vec<AccountName>,
        /// How, in sentences.
        found: Vec<String>,
    },
    /// A new database.
    MakeDatabase {
        /// Which.
        database: Database,
        /// The team that owns it.
        owner: Option<String>,
        /// How large it will become, in megabytes.
        size_mb: Option<u64>,
        /// What dbdesk's own accounts get on it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        own: Vec<Gets>,
    },
}

impl Ask {
    /// The account that it is about.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::Create { account, .. }
            | Self::Renew { account, .. }
            | Self::Rotate { account, .. }
            | Self::EndOld { account }
            | Self::Lock { account }
            | Self::Drop { account } => Some(account),
            Self::Repair { .. } | Self::MakeDatabase { .. } => None,
        }
    }

    /// Whether it makes a password, of this generation.
    #[must_use]
    pub fn makes(&self) -> Option<u32> {
        match self {
            Self::Create { account, .. } | Self::Rotate { account, .. } => Some(account.generation),
            _ => None,
        }
    }

    /// Whether it makes accounts that were not there, so that a failure half-way takes them away again.
    #[must_use]
    pub fn makes_accounts(&self, dialect: Dialect) -> bool {
        match self {
            Self::Create { .. } => true,
            Self::Rotate { .. } => !dialect.has_dual_passwords(),
            _ => false,
        }
    }

    /// The accounts that it is about on a server.
    pub fn names(&self, dialect: Dialect) -> Result<Vec<AccountName>, Said> {
        match self {
            Self::Create { account, .. } | Self::Rotate { account, .. } => {
                account.names(account.generation, dialect)
            }
            Self::Renew { account, .. } => account.names(account.generation, dialect),
            Self::EndOld { account } if dialect.has_dual_passwords() => {
                account.names(account.generation, dialect)
            }
            Self::EndOld { account } => account.names(account.generation.saturating_sub(1), dialect),
            Self::Lock { account } | Self::Drop { account } => account.all_names(dialect),
            Self::Repair { accounts, .. } => Ok(accounts.clone()),
            Self::MakeDatabase { .. } => Ok(Vec::new()),
        }
    }

    /// The steps, in order; `scramble` is for what makes a password (see [`makes`](Self::makes)): without one that comes to no steps. A repair
    /// is worked out from what is there, not here.
    pub fn steps(&self, scramble: Option<&Scramble>, dialect: Dialect) -> Result<Vec<Step>, Said> {
        let names = self.names(dialect)?;
        let create = |account: &Account, scramble| {
            let wanted = account.privileges.wanted(dialect);
            statements::create(&names, scramble, account.limits, &wanted, dialect)
        };
        Ok(match (self, scramble) {
            (Self::Create { account, .. }, Some(scramble)) => create(account, scramble),
            (Self::Rotate { account, .. }, Some(scramble)) => {
                statements::rotate(&names, scramble, dialect).unwrap_or_else(|| create(account, scramble))
            }
            (Self::Renew { .. }, _) => statements::unlock(&names),
            (Self::EndOld { .. }, _) => {
                statements::end_old(&names, dialect).unwrap_or_else(|| statements::drop(&names))
            }
            (Self::Drop { .. }, _) => statements::drop(&names),
            (Self::Lock { .. }, _) => statements::lock(&names),
            (Self::Create { .. } | Self::Rotate { .. }, None) | (Self::Repair { .. }, _) => Vec::new(),
            (Self::MakeDatabase { database, own, .. }, _) => {
                let mut steps = statements::make_database(database.clone());
                let scope = Scope::database(&database.name, dialect);
                steps.extend(
                    own.iter().map(|gets| {
                        Step::Grant(gets.account.clone(), scope.clone(), gets.privileges.clone())
                    }),
                );
                steps
            }
        })
    }

    /// What a task of it counts: its steps; a repair is one piece.
    pub fn counted(&self, dialect: Dialect) -> Result<u32, Said> {
        if let Self::Repair { .. } = self {
            return Ok(1);
        }
        let steps = self.steps(Some(&nobody(self)), dialect)?.len();
        Ok(u32::try_from(steps).unwrap_or(u32::MAX))
    }

    /// Whether it is about accounts that may not be there: those that are not are left out.
    #[must_use]
    pub fn takes_what_is_there(&self, dialect: Dialect) -> bool {
        self.ends_sessions(dialect)
    }

    /// Whether sessions end with it.
    #[must_use]
    pub fn ends_sessions(&self, dialect: Dialect) -> bool {
        match self {
            Self::Lock { .. } | Self::Drop { .. } => true,
            Self::EndOld { .. } => !dialect.has_dual_passwords(),
            _ => false,
        }
    }

    /// What people read and approve: who, what, until when, and the statements without any secret.
    pub fn text(&self, dialect: Dialect) -> Result<String, Said> {
        let mut text = String::new();
        for line in self.head(dialect) {
            let _ = writeln!(text, "-- {}", line.replace(['\n', '\r'], " "));
        }
        for statement in statements::written(&self.steps(Some(&nobody(self)), dialect)?, dialect) {
            let _ = writeln!(text, "{};", statement.shown());
        }
        Ok(text)
    }

    fn head(&self, dialect: Dialect) -> Vec<String> {
        let time = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M UTC").to_string();
        let password = |given: &bool| {
            if *given { "password: a hash was given" } else { "password: made by dbdesk, handed over once" }
                .to_owned()
        };
        match self {
            Self::Create { account, until, given } => {
                let mut lines = vec![
                    format!("account {}: create", account.id),
                    what(account),
                    format!("until {}", time(until)),
                    password(given),
                ];
                if let (false, Ok([first, second])) = (dialect.has_dual_passwords(), account.user.turns()) {
                    lines.push(format!(
                        "it logs in as {first}; after a change of its password as {second}, in turns"
                    ));
                }
                lines
            }
            Self::Renew { account, until, revoked } => {
                let mut lines = vec![
                    format!("account {}: renew", account.id),
                    what(account),
                    format!("until {}", time(until)),
                ];
                lines.extend(revoked.as_ref().map(|Revoked { ticket, by, at }| {
                    format!(
                        "it was revoked on {} by {by} with {ticket}: with this it is unlocked, and lets in again",
                        time(at)
                    )
                }));
                lines
            }
            Self::Rotate { account, grace_hours, given } => vec![
                format!("account {}: password {}", account.id, account.generation + 1),
                what(account),
                format!("the one before goes on for {grace_hours} h"),
                password(given),
            ],
            Self::EndOld { account } => {
                vec![format!("account {}: end password {}", account.id, account.generation), what(account)]
            }
            Self::Lock { account } => vec![format!("account {}: lock", account.id), what(account)],
            Self::Drop { account } => vec![format!("account {}: drop", account.id), what(account)],
            Self::Repair { found, .. } => {
                let mut lines = vec!["accounts that differ from what tickets granted are brought back; one that no ticket granted is locked".to_owned()];
                lines.extend(found.iter().cloned());
                lines
            }
            Self::MakeDatabase { database, owner, size_mb, own } => {
                let owner = owner.as_deref().unwrap_or("nobody named");
                let size =
                    size_mb.map_or_else(|| "size not said".to_owned(), |size| format!("about {size} MB"));
                let mut lines =
                    vec![format!("database {}: create", database.name), format!("owner: {owner}, {size}")];
                if !own.is_empty() {
                    lines.push(
                        "dbdesk's own accounts get there what they have on the group's other databases"
                            .to_owned(),
                    );
                }
                lines
            }
        }
    }
}

/// Of a password that nobody has: nothing of it is in what is shown.
fn nobody(ask: &Ask) -> Scramble {
    let plugin = ask.account().map_or(Plugin::Native, |account| account.plugin);
    Scramble::of(&Password::generate(&[0; PASSWORD_CHARS]), plugin, &[0; SALT_CHANCE])
}

fn what(account: &Account) -> String {
    let hosts: Vec<String> = account.hosts.iter().map(ToString::to_string).collect();
    let Privileges { database, level, reach } = &account.privileges;
    let reach = match reach {
        Reach::Database => database.to_string(),
        Reach::Tables(tables) => {
            let tables: Vec<String> = tables.iter().map(|table| format!("{database}.{table}")).collect();
            tables.join(", ")
        }
    };
    format!("{} from {}: {} on {reach}", account.user, hosts.join(", "), level.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        database::Charset,
        host::HostPolicy,
        name::{DatabaseName, TableName},
        privilege::Level,
    };
    use dbdesk_review::Flavour;

    fn account(generation: u32, plugin: Plugin, reach: Reach) -> Account {
        Account {
            id: AccountId(7),
            user: UserName::parse("shop_ro_reports").unwrap(),
            hosts: vec![HostPattern::parse("10.1.0.0/16", HostPolicy::default()).unwrap()],
            privileges: Privileges {
                database: DatabaseName::parse("shop_a").unwrap(),
                level: Level::Ro,
                reach,
            },
            limits: Limits::default(),
            plugin,
            generation,
        }
    }

    #[test]
    fn what_people_approve_has_every_field_and_no_secret() {
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let own = ["dbdesk_review", "dbdesk_run"].map(|user| Gets {
            account: AccountName::new(user, "10.0.0.9"),
            privileges: if user == "dbdesk_run" { crate::own::of_run(true) } else { crate::own::of_review() },
        });
        let own = own.to_vec();
        let tables = Reach::Tables([TableName::parse("orders").unwrap()].into());
        let mut told = String::new();
        for (name, plugin) in [("mysql-8.4", Plugin::CachingSha2), ("mariadb-10.11", Plugin::Native)] {
            let dialect = Dialect::of(Flavour::of_name(name).unwrap());
            let one = |generation| account(generation, plugin, Reach::Database);
            let database = Database {
                name: DatabaseName::parse("shop_new").unwrap(),
                charset: Charset::parse("utf8mb4", None).unwrap(),
            };
            for ask in [
                Ask::Create { account: account(0, plugin, tables.clone()), until, given: false },
                Ask::Renew { account: one(0), until, revoked: None },
                Ask::Renew {
                    account: one(0),
                    until,
                    revoked: Some(Revoked { ticket: TicketId(5), by: "ann".to_owned(), at: until }),
                },
                Ask::Rotate { account: one(1), grace_hours: 24, given: true },
                Ask::EndOld { account: one(1) },
                Ask::Lock { account: one(1) },
                Ask::Drop { account: one(1) },
                Ask::Repair {
                    accounts: vec![AccountName::new("eve", "%")],
                    found: vec!["eve@%: no ticket granted it".to_owned()],
                },
                Ask::MakeDatabase {
                    database: database.clone(),
                    owner: Some("store\n; DROP".to_owned()),
                    size_mb: Some(100),
                    own: vec![],
                },
                Ask::MakeDatabase { database, owner: None, size_mb: None, own: own.clone() },
            ] {
                let text = ask.text(dialect).unwrap();
                assert!(!text.contains("$A$") && !text.contains("0x24"), "{text}");
                told += &["## ", name, "\n", &text].concat();
                let again: Ask = serde_json::from_str(&serde_json::to_string(&ask).unwrap()).unwrap();
                assert_eq!(again.text(dialect).unwrap(), text);
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn on_mariadb_two_accounts_take_turns() {
        let dialect = Dialect::of(Flavour::of_name("mariadb-10.11").unwrap());
        let user = |generation| {
            account(generation, Plugin::Native, Reach::Database).names(generation, dialect).unwrap()[0]
                .user
                .clone()
        };
        assert_eq!(
            [user(0), user(1), user(2)],
            ["shop_ro_reports_a", "shop_ro_reports_b", "shop_ro_reports_a"]
        );
        let lives = account(1, Plugin::Native, Reach::Database).expected(true, false, dialect).unwrap();
        assert_eq!(lives.len(), 2, "the old one beside the new");
        let alone = account(1, Plugin::Native, Reach::Database).expected(false, false, dialect).unwrap();
        assert_eq!(alone.len(), 1);
    }
}
