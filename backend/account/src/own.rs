//! What dbdesk's own accounts, that review and run tickets, get on a new database: what they have on the others of its group. Pure.

use crate::{
    dialect::Dialect,
    name::{AccountName, DatabaseName},
    privilege::{Privilege, Scope, listed},
    shown::Live,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One of dbdesk's own users, and what it cannot work without on a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its name; from whichever host.
    pub user: String,
    /// What it needs.
    pub privileges: BTreeSet<Privilege>,
}

/// What reviews need on a database.
#[must_use]
pub fn of_review() -> BTreeSet<Privilege> {
    [Privilege::Select].into()
}

/// What tickets that run need on a database; to keep what they change, triggers must be seen.
#[must_use]
pub fn of_run(keeps: bool) -> BTreeSet<Privilege> {
    use Privilege as P;
    let mut all =
        BTreeSet::from([P::Select, P::Insert, P::Update, P::Delete, P::Create, P::Alter, P::Index, P::Drop]);
    all.extend(keeps.then_some(P::Trigger));
    all
}

/// What one of these accounts gets on a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gets {
    /// Which.
    pub account: AccountName,
    /// What.
    pub privileges: BTreeSet<Privilege>,
}

impl Gets {
    /// The statement, for a DBA to run.
    #[must_use]
    pub fn sql(&self, database: &DatabaseName, dialect: Dialect) -> String {
        let (privileges, scope) = (listed(&self.privileges), Scope::database(database, dialect));
        format!("GRANT {privileges} ON {} TO {}", scope.sql(), self.account.sql())
    }
}

/// What an account has to be given on a new database, so that it may there what it may on all the others; where there are none, what it needs.
/// `None`: nothing.
#[must_use]
pub fn lacking(
    live: &Live,
    needs: &BTreeSet<Privilege>,
    (new, others): (&DatabaseName, &[DatabaseName]),
    dialect: Dialect,
) -> Option<Gets> {
    if live.is_role {
        return None;
    }
    let of_others = others.iter().map(|other| held(live, other, dialect));
    let wanted = of_others.reduce(|all, one| &all & &one).unwrap_or_else(|| needs.clone());
    if wanted.is_subset(&held(live, new, dialect)) {
        return None;
    }
    // A server looks at the nearest name alone: what a pattern gave counts no more once the name itself is granted on.
    let privileges = &wanted | &on_databases(live, new, dialect);
    Some(Gets { account: live.name.clone(), privileges })
}

/// Whether an account may hand this on there.
#[must_use]
pub fn may_give(live: &Live, database: &DatabaseName, what: &BTreeSet<Privilege>, dialect: Dialect) -> bool {
    let scopes = live.privileges().filter(|on| on.is_grantable && reaches(&on.scope, database, dialect));
    what.is_subset(&scopes.flat_map(|on| words(&on.privileges)).collect())
}

fn held(live: &Live, database: &DatabaseName, dialect: Dialect) -> BTreeSet<Privilege> {
    let scopes = live.privileges().filter(|on| reaches(&on.scope, database, dialect));
    scopes.flat_map(|on| words(&on.privileges)).collect()
}

fn on_databases(live: &Live, database: &DatabaseName, dialect: Dialect) -> BTreeSet<Privilege> {
    let scopes =
        live.privileges().filter(|on| on.scope != Scope::Global && reaches(&on.scope, database, dialect));
    scopes.flat_map(|on| words(&on.privileges)).collect()
}

fn words(privileges: &BTreeSet<String>) -> BTreeSet<Privilege> {
    if privileges.contains("ALL PRIVILEGES") {
        return Privilege::ALL.into();
    }
    privileges.iter().filter_map(|word| Privilege::of_word(word)).collect()
}

/// Whether a grant on this is one on all of the database.
fn reaches(scope: &Scope, database: &DatabaseName, dialect: Dialect) -> bool {
    match scope {
        Scope::Global => true,
        Scope::Database(name) if dialect.partial_revokes => name == database.as_str(),
        Scope::Database(pattern) => {
            let pattern: Vec<char> = pattern.chars().collect();
            let name: Vec<char> = database.as_str().chars().collect();
            is_like(&pattern, &name)
        }
        Scope::Table(..) | Scope::Routine(..) => false,
    }
}

/// As `LIKE`, with the backslash.
fn is_like(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['%', rest @ ..] => (0..=name.len()).any(|from| is_like(rest, &name[from..])),
        ['_', rest @ ..] => name.split_first().is_some_and(|(_, name)| is_like(rest, name)),
        ['\\', letter, rest @ ..] | [letter, rest @ ..] => {
            name.split_first().is_some_and(|(first, name)| first == letter && is_like(rest, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::Flavour;

    fn name(text: &str) -> DatabaseName {
        DatabaseName::parse(text).expect("a name")
    }

    fn gets(grants: &[&str], new: &str, others: &[&str]) -> Option<String> {
        let dialect = Dialect::of(Flavour::mysql(8, 4));
        let live = Live::read(AccountName::new("dbdesk_run", "10.0.0.9"), Some(""), grants.iter().copied());
        let others: Vec<_> = others.iter().map(|other| name(other)).collect();
        let gets = lacking(&live, &of_run(false), (&name(new), &others), dialect)?;
        Some(gets.sql(&name(new), dialect))
    }

    #[test]
    fn it_gets_what_it_has_on_all_the_others_and_nothing_that_it_has_already() {
        let to = "TO `dbdesk_run`@`10.0.0.9`";
        let on = |what: &str, scope: &str| format!("GRANT {what} ON {scope} {to}");
        let shop = on("SELECT, INSERT, DELETE, FILE", "`shop`.*");
        let orders = on("SELECT, INSERT, UPDATE", "`shop\\_orders`.*");
        assert_eq!(
            gets(&[&shop, &orders], "shop_new", &["shop", "shop_orders"]).as_deref(),
            Some("GRANT SELECT, INSERT ON `shop\\_new`.* TO `dbdesk_run`@`10.0.0.9`")
        );
        assert_eq!(gets(&[&on("SELECT, INSERT", "*.*")], "shop_new", &["shop"]), None);
        assert_eq!(gets(&[&on("SELECT", "`shop%`.*")], "shop_new", &["shop"]), None);
        assert_eq!(
            gets(&[], "shop_new", &[]).as_deref(),
            Some(
                "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON `shop\\_new`.* TO `dbdesk_run`@`10.0.0.9`"
            ),
            "the first one of a group: what it needs"
        );
        assert_eq!(gets(&[], "shop_new", &["shop"]), None, "who may nothing on the others gets nothing");
        assert_eq!(
            gets(&[&on("SELECT", "`shop`.`orders`")], "shop_new", &["shop"]),
            None,
            "a table is no database"
        );
    }

    #[test]
    fn what_a_pattern_gave_is_not_lost_to_a_grant_on_the_name() {
        let to = "TO `dbdesk_run`@`10.0.0.9`";
        let pattern = format!("GRANT SELECT, REFERENCES ON `shop\\_%`.* {to}");
        let shop = format!("GRANT SELECT, INSERT ON `shop`.* {to}");
        assert_eq!(
            gets(&[&pattern, &shop], "shop_new", &["shop"]).as_deref(),
            Some("GRANT SELECT, INSERT, REFERENCES ON `shop\\_new`.* TO `dbdesk_run`@`10.0.0.9`")
        );
    }

    #[test]
    fn only_what_is_held_with_grant_option_is_handed_on() {
        let dialect = Dialect::of(Flavour::mariadb(10, 11));
        let live = |grant: &str| Live::read(AccountName::new("a", "h"), Some(""), [grant]);
        let may = |grant: &str| may_give(&live(grant), &name("shop_new"), &of_review(), dialect);
        assert!(may("GRANT SELECT, INSERT ON `shop\\_%`.* TO `a`@`h` WITH GRANT OPTION"));
        assert!(!may("GRANT SELECT, INSERT ON `shop\\_%`.* TO `a`@`h`"));
        assert!(!may("GRANT SELECT ON `shop`.* TO `a`@`h` WITH GRANT OPTION"));
    }
}
