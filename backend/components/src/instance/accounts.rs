//! The desk's own accounts on a server that it makes. Pure.

use super::{InstanceError, Login};
use dbdesk_account::{
    AccountName, Dialect,
    desk::{self, Named},
};
use dbdesk_commands::lang::said;
use dbdesk_review::Flavour;
use std::fmt::Write as _;

/// What one of them is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Reviews and probes: it looks.
    Review,
    /// Runs tickets.
    Run,
    /// Makes accounts and databases.
    Account,
    /// Steers servers.
    Cluster,
    /// Replicas log in as it, and copies of data.
    Replication,
}

/// One.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name and password; from any host.
    pub login: Login,
    /// What it may.
    pub role: Role,
}

/// All that a server is made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Each of them.
    pub all: Vec<Account>,
    /// Databases that [`Role::Run`] may change and [`Role::Account`] may make and grant on; they need not be there.
    pub databases: Vec<Named>,
}

/// Any host: networks are for firewalls, and a server is made before anybody connects.
const FROM: &str = "%";

/// The statements that make an account and give it what its role needs, and no more: databases are those that it may write, or make.
pub(super) fn grants(account: &Account, databases: &[Named], flavour: Flavour) -> Vec<String> {
    let dialect = Dialect::of(flavour);
    let name = AccountName::new(&account.login.user, FROM);
    let to = name.sql();
    let maria = flavour.is_mariadb();
    let on_all = |maria_db: &str, mysql: &[&str]| {
        let all: Vec<&str> = if maria { vec![maria_db] } else { mysql.to_vec() };
        all.into_iter().map(|what| format!("GRANT {what} ON *.* TO {to}")).collect::<Vec<_>>()
    };
    match account.role {
        Role::Review => on_all(
            "SELECT, SHOW DATABASES, SHOW VIEW, PROCESS, BINLOG MONITOR, SLAVE MONITOR",
            &["SELECT, SHOW DATABASES, SHOW VIEW, PROCESS, REPLICATION CLIENT"],
        ),
        Role::Run => {
            let mut all = on_all(
                "PROCESS, CONNECTION ADMIN, SLAVE MONITOR, REPLICATION SLAVE, BINLOG MONITOR",
                &["PROCESS, REPLICATION CLIENT, REPLICATION SLAVE", "CONNECTION_ADMIN"],
            );
            let aside = if dialect.partial_revokes { "dbdesk_set_aside" } else { r"dbdesk\_set\_aside" };
            all.push(format!("GRANT ALL PRIVILEGES ON `{aside}`.* TO {to}"));
            all.extend(
                databases
                    .iter()
                    .filter_map(|named| scope(named, dialect))
                    .map(|scope| format!("GRANT ALL PRIVILEGES ON {scope} TO {to}")),
            );
            all
        }
        Role::Account => desk::grants(&name, databases, dialect),
        Role::Cluster => on_all(
            "READ_ONLY ADMIN, REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN, SLAVE MONITOR, BINLOG MONITOR, \
             PROCESS, CONNECTION ADMIN, RELOAD",
            &[
                "REPLICATION CLIENT, REPLICATION SLAVE, PROCESS, RELOAD",
                "SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN, REPLICATION_SLAVE_ADMIN",
            ],
        ),
        Role::Replication => on_all("REPLICATION SLAVE", &["REPLICATION SLAVE", "BACKUP_ADMIN"]),
    }
}

fn scope(named: &Named, dialect: Dialect) -> Option<String> {
    match named {
        Named::One(name) => Some(dbdesk_account::Scope::database(name, dialect).sql()),
        Named::Begins(_) if dialect.partial_revokes => None,
        Named::Begins(name) => Some(dbdesk_account::Scope::databases_from(name).sql()),
    }
}

/// All that makes them, told to nobody: not to the binary log, not to a replica. It may be run again.
pub(super) fn script(accounts: &Accounts, flavour: Flavour) -> Result<String, InstanceError> {
    let mut sql = "SET SESSION sql_log_bin = 0;\n".to_owned();
    for account in &accounts.all {
        if !account.login.is_plain() || account.login.user == "root" {
            let user = &account.login.user;
            return Err(InstanceError::Unusable(said!(
                "the account “{user}” is not usable: letters, digits and _; a password of at most 128 characters without quotes",
                "账号“{user}”不可用：名称只能用字母、数字和 _，密码最长 128 个字符且不能有引号"
            )));
        }
        let to = AccountName::new(&account.login.user, FROM).sql();
        let password = &account.login.password;
        let _ = writeln!(sql, "CREATE USER IF NOT EXISTS {to} IDENTIFIED BY '{password}';");
        let _ = writeln!(sql, "ALTER USER {to} IDENTIFIED BY '{password}';");
        for grant in grants(account, &accounts.databases, flavour) {
            let _ = writeln!(sql, "{grant};");
        }
    }
    Ok(sql)
}

/// What lets `root` in by the socket who is this user of the operating system, and nobody else as `root`.
pub(super) fn root(login: &str, flavour: Flavour) -> String {
    let how = if flavour.is_mariadb() { "VIA unix_socket AS" } else { "WITH auth_socket AS" };
    format!(
        "SET SESSION sql_log_bin = 0;\n\
         CREATE USER IF NOT EXISTS root@localhost;\n\
         ALTER USER root@localhost IDENTIFIED {how} '{login}';\n\
         GRANT ALL PRIVILEGES ON *.* TO root@localhost WITH GRANT OPTION;\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_account::DatabaseName;

    #[test]
    fn each_role_may_what_it_needs() {
        let databases = [
            Named::One(DatabaseName::parse("shop").expect("a name")),
            Named::Begins(DatabaseName::parse("shop_").expect("a name")),
        ];
        let roles = [Role::Review, Role::Run, Role::Account, Role::Cluster, Role::Replication];
        let mut told = String::new();
        for flavour in [Flavour::mariadb(10, 11), Flavour::mysql(9, 7)] {
            for role in roles {
                let login = Login { user: format!("{role:?}").to_lowercase(), password: "secret".to_owned() };
                let account = Account { login, role };
                assert!(!format!("{account:?}").contains("secret"));
                for grant in grants(&account, &databases, flavour) {
                    let _ = writeln!(told, "{}: {grant}", flavour.family);
                }
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_would_end_a_string_is_no_account() {
        for (user, password) in
            [("a'b", "x"), ("a", "x'"), ("a", "x\\"), ("a", "x\ny"), ("", "x"), ("root", "x"), ("a", "")]
        {
            let login = Login { user: user.to_owned(), password: password.to_owned() };
            let accounts =
                Accounts { all: vec![Account { login, role: Role::Review }], databases: Vec::new() };
            let refused = script(&accounts, Flavour::mariadb(10, 11));
            assert!(matches!(refused, Err(InstanceError::Unusable(_))), "{user} {password}");
        }
    }
}
