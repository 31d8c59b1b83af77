//! What dbdesk's own account for this (`account_user`) needs on a server.

use crate::{
    dialect::Dialect,
    name::{AccountName, DatabaseName},
    privilege::{Level, Scope, listed},
};

/// Databases that it may grant on and make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// One.
    One(DatabaseName),
    /// All whose names begin so; nothing on a server with `partial_revokes`, which knows no patterns.
    Begins(DatabaseName),
}

impl Named {
    fn scope(&self, dialect: Dialect) -> Option<Scope> {
        match self {
            Self::One(name) => Some(Scope::database(name, dialect)),
            Self::Begins(_) if dialect.partial_revokes => None,
            Self::Begins(name) => Some(Scope::databases_from(name)),
        }
    }
}

/// The statements that give it that, and no more, for a DBA to run.
///
/// * `CREATE USER`: to make, change, lock and drop accounts, to keep a second password beside another's, and to take all privileges from one
/// * `PROCESS` and `CONNECTION ADMIN`: to see and end the sessions of an account
/// * `SELECT` on `mysql.*`: `SHOW GRANTS` and `SHOW CREATE USER` of others ask for it
/// * what it grants, with `GRANT OPTION`, on each database: nobody can give what he has not
#[must_use]
pub fn grants(account: &AccountName, databases: &[Named], dialect: Dialect) -> Vec<String> {
    let to = account.sql();
    let mut all = if dialect.is_mariadb() {
        vec![format!("GRANT CREATE USER, PROCESS, CONNECTION ADMIN ON *.* TO {to}")]
    } else {
        vec![
            format!("GRANT CREATE USER, PROCESS ON *.* TO {to}"),
            // A dynamic privilege has a line of its own.
            format!("GRANT CONNECTION_ADMIN ON *.* TO {to}"),
        ]
    };
    all.push(format!("GRANT SELECT ON `mysql`.* TO {to}"));
    let privileges = listed(&Level::Ddl.privileges());
    all.extend(
        databases
            .iter()
            .filter_map(|named| named.scope(dialect))
            .map(|scope| format!("GRANT {privileges} ON {} TO {to} WITH GRANT OPTION", scope.sql())),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::Flavour;

    #[test]
    fn the_readme_says_what_the_account_needs() {
        let readme = include_str!("../README.md");
        let account = AccountName::new("dbdesk_account", "10.0.0.9");
        let databases = [Named::One(DatabaseName::parse("shop_a").expect("a name"))];
        let dialects = [Dialect::of(Flavour::mysql(8, 4)), Dialect::of(Flavour::mariadb(10, 11))];
        for grant in dialects.into_iter().flat_map(|dialect| grants(&account, &databases, dialect)) {
            assert!(readme.contains(&format!("{grant};\n")), "not in the README: {grant};");
        }
    }

    #[test]
    fn a_beginning_stands_for_databases_that_are_asked_for_later() {
        let named = [Named::Begins(DatabaseName::parse("shop_").expect("a name"))];
        let account = AccountName::new("dbdesk_account", "10.0.0.9");
        let told = grants(&account, &named, Dialect::of(Flavour::mysql(8, 4))).join("\n");
        assert!(told.contains(r"ON `shop\_%`.* TO"), "{told}");
        let literal = Dialect { partial_revokes: true, ..Dialect::of(Flavour::mysql(8, 4)) };
        assert_eq!(grants(&account, &named, literal).len(), 3, "its names are no patterns");
    }
}
