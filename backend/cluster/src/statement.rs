//! What a step comes to on a server: its statements, as they are sent and as people see them.

use dbdesk_cmdb::drift::ServerStep;

/// What a server understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `MariaDB`.
    MariaDb,
    /// `MySQL` before 8: it knows the old words only.
    OldMySql,
    /// `MySQL` 8 and later; the new words need 8.0.26.
    MySql,
}

impl Dialect {
    /// That of a group's flavour, such as `mysql-8.4`.
    #[must_use]
    pub fn of_flavour(flavour: &str) -> Self {
        let flavour = flavour.to_ascii_lowercase();
        if flavour.starts_with("mariadb") {
            return Self::MariaDb;
        }
        let number = flavour.split_once('-').map_or("", |(_, number)| number);
        let major = number.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major < 8) { Self::OldMySql } else { Self::MySql }
    }
}

/// Who a replica logs in as at its source.
#[derive(Clone, Copy)]
pub struct Replication<'a> {
    /// The user.
    pub user: &'a str,
    /// Its password.
    pub password: &'a str,
}

/// A statement.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    sql: String,
    shown: String,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Statement {
    fn plain(sql: impl Into<String>) -> Self {
        let sql = sql.into();
        Self { shown: sql.clone(), sql }
    }

    /// What is sent.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The same without the password in it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// The statements of a step, in order. Each may be sent again.
#[must_use]
pub fn statements(
    step: &ServerStep,
    dialect: Dialect,
    replication: Option<Replication<'_>>,
) -> Vec<Statement> {
    match step {
        ServerStep::ReadOnly { on, .. } => vec![Statement::plain(read_only(*on, dialect))],
        ServerStep::Follow { source_host, source_port, .. } => {
            let change = follow((source_host, *source_port), dialect, replication);
            let mut all = vec![Statement::plain(stop(dialect))];
            if dialect == Dialect::MariaDb {
                // Who was a primary has what it wrote itself; where it follows from does not say so by itself.
                all.push(Statement::plain("SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos"));
            }
            all.extend([change, Statement::plain(start(dialect))]);
            all
        }
        ServerStep::StartReplica { .. } => vec![Statement::plain(start(dialect))],
        ServerStep::SemiSync { on, .. } => {
            let side = if dialect == Dialect::MySql { "source" } else { "master" };
            vec![Statement::plain(format!("SET GLOBAL rpl_semi_sync_{side}_enabled = {}", word(*on)))]
        }
    }
}

/// The statements by which a server follows nobody and forgets whom it followed. Each may be sent again.
#[must_use]
pub fn unfollow(dialect: Dialect) -> Vec<Statement> {
    let reset = if dialect == Dialect::MySql { "RESET REPLICA ALL" } else { "RESET SLAVE ALL" };
    vec![Statement::plain(stop(dialect)), Statement::plain(reset)]
}

/// A question that is answered with 0 once a server has all of this position, or with something else after so many seconds.
#[must_use]
pub fn wait_for(gtid: &str, limit_s: u32, dialect: Dialect) -> Statement {
    let gtid = quoted(gtid);
    Statement::plain(match dialect {
        Dialect::MariaDb => format!("SELECT CAST(MASTER_GTID_WAIT({gtid}, {limit_s}) AS SIGNED)"),
        Dialect::MySql | Dialect::OldMySql => {
            format!("SELECT CAST(WAIT_FOR_EXECUTED_GTID_SET({gtid}, {limit_s}) AS SIGNED)")
        }
    })
}

fn word(on: bool) -> &'static str {
    if on { "ON" } else { "OFF" }
}

fn read_only(on: bool, dialect: Dialect) -> &'static str {
    match (dialect, on) {
        (Dialect::MariaDb, true) => "SET GLOBAL read_only = ON",
        // One switches the other: on with both, off with both.
        (_, true) => "SET GLOBAL super_read_only = ON",
        (_, false) => "SET GLOBAL read_only = OFF",
    }
}

fn stop(dialect: Dialect) -> &'static str {
    if dialect == Dialect::MySql { "STOP REPLICA" } else { "STOP SLAVE" }
}

fn start(dialect: Dialect) -> &'static str {
    if dialect == Dialect::MySql { "START REPLICA" } else { "START SLAVE" }
}

fn follow((host, port): (&str, u16), dialect: Dialect, replication: Option<Replication<'_>>) -> Statement {
    let (verb, side) = match dialect {
        Dialect::MySql => ("CHANGE REPLICATION SOURCE TO", "SOURCE"),
        Dialect::MariaDb | Dialect::OldMySql => ("CHANGE MASTER TO", "MASTER"),
    };
    let gtid = match dialect {
        Dialect::MySql => "SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1",
        Dialect::OldMySql => "MASTER_AUTO_POSITION = 1",
        Dialect::MariaDb => "MASTER_USE_GTID = slave_pos",
    };
    let written = |password: Option<String>| {
        let account = replication.zip(password).map(|(account, password)| {
            format!("{side}_USER = {}, {side}_PASSWORD = {password}, ", quoted(account.user))
        });
        format!(
            "{verb} {side}_HOST = {}, {side}_PORT = {port}, {}{gtid}",
            quoted(host),
            account.unwrap_or_default()
        )
    };
    Statement {
        sql: written(replication.map(|account| quoted(account.password))),
        shown: written(replication.map(|_| "<secret>".to_owned())),
    }
}

/// A string for a session with `NO_BACKSLASH_ESCAPES`; `CHANGE …` takes no hexadecimal literal and no parameter.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// What a session sets before it is sent these statements.
pub const SESSION: &str = "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'";

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn every_step_on_every_dialect() {
        let (host, port) = ("10.0.0.2".to_owned(), 3306);
        let steps = [
            ServerStep::ReadOnly { host: host.clone(), port, on: true },
            ServerStep::ReadOnly { host: host.clone(), port, on: false },
            ServerStep::Follow {
                host: host.clone(),
                port,
                source_host: "db-1.example".to_owned(),
                source_port: 3307,
            },
            ServerStep::StartReplica { host: host.clone(), port },
            ServerStep::SemiSync { host: host.clone(), port, on: true },
            ServerStep::SemiSync { host, port, on: false },
        ];
        let account = Replication { user: "repl", password: "it's secret" };
        let mut told = String::new();
        for flavour in ["mariadb-10.11", "mysql-5.7", "mysql-8.4"] {
            writeln!(told, "{flavour}").unwrap();
            for step in &steps {
                for statement in statements(step, Dialect::of_flavour(flavour), Some(account)) {
                    writeln!(told, "  {statement:?}").unwrap();
                    assert!(!format!("{statement:?}{}", statement.shown()).contains("secret'"));
                }
            }
        }
        let follow = &statements(&steps[2], Dialect::MySql, Some(account))[1];
        assert!(follow.sql().contains("SOURCE_PASSWORD = 'it''s secret'"), "{}", follow.sql());
        let without = &statements(&steps[2], Dialect::MySql, None)[1];
        assert!(!without.sql().contains("USER"), "who it logs in as stays: {}", without.sql());
        insta::assert_snapshot!(told);
    }
}
