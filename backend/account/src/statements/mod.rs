//! The lists of steps that a ticket comes to, in their order. A list that broke off is done again from its start.

use crate::{
    database::Database,
    dialect::Dialect,
    host::HostPattern,
    name::{AccountName, UserName},
    privilege::{Privilege, Scope, Wanted, pattern_of_one},
    scramble::Scramble,
    shown::Live,
    statement::{Limits, Statement, Step},
};
use std::collections::{BTreeMap, BTreeSet};

/// Steps as SQL for a server.
#[must_use]
pub fn written(steps: &[Step], dialect: Dialect) -> Vec<Statement> {
    steps.iter().map(|step| step.statement(dialect)).collect()
}

/// One user from its hosts: each pair is an account of its own.
#[must_use]
pub fn accounts(user: &UserName, hosts: &[HostPattern]) -> Vec<AccountName> {
    let hosts: BTreeSet<_> = hosts.iter().collect();
    hosts.into_iter().map(|host| AccountName::of(user, host)).collect()
}

/// Makes accounts. Each is locked until it is whole, and has exactly what is wanted then.
///
/// Whoever runs this has seen that none of them was there before its first run: what is there is taken over.
#[must_use]
pub fn create(
    accounts: &[AccountName],
    scramble: &Scramble,
    limits: Limits,
    wanted: &Wanted,
    dialect: Dialect,
) -> Vec<Step> {
    let mut steps = Vec::new();
    for account in accounts {
        steps.push(Step::Create(account.clone(), scramble.clone(), limits));
        steps.push(Step::Remake(account.clone(), scramble.clone(), limits));
        steps.extend(dialect.has_dual_passwords().then(|| Step::EndOld(account.clone())));
        steps.push(Step::RevokeAll(account.clone()));
        steps.extend(grants(account, wanted));
    }
    steps.extend(accounts.iter().cloned().map(Step::Unlock));
    steps
}

/// Gives what is wanted and takes the rest. What an account had and keeps, it has at every moment, unless it has something that can
/// only be taken with all else.
#[must_use]
pub fn change(live: &Live, wanted: &Wanted, dialect: Dialect) -> Vec<Step> {
    let account = &live.name;
    let mut steps = Vec::new();
    if let Some(revokes) = excess(live, wanted, dialect) {
        let lacking = lacking(live, wanted).into_iter();
        steps.extend(lacking.map(|(scope, privileges)| Step::Grant(account.clone(), scope, privileges)));
        steps.extend(revokes);
        return steps;
    }
    steps.push(Step::RevokeAll(account.clone()));
    steps.extend(grants(account, wanted));
    // On MariaDB they went with the rest.
    if !dialect.is_mariadb() {
        steps.extend(live.roles().map(|role| Step::RevokeRole(account.clone(), role.clone())));
    }
    steps.extend(live.proxies().map(|of| Step::RevokeProxy(account.clone(), of.clone())));
    steps
}

/// Gives accounts a new password; the old one goes on beside it until [`end_old`].
///
/// `None` where an account has one password only (MariaDB): there the user of the other turn is made by [`create`], and the one before is
/// locked at the end.
#[must_use]
pub fn rotate(accounts: &[AccountName], scramble: &Scramble, dialect: Dialect) -> Option<Vec<Step>> {
    let rotate = |account: &AccountName| Step::Rotate(account.clone(), scramble.clone());
    dialect.has_dual_passwords().then(|| accounts.iter().map(rotate).collect())
}

/// Ends the password before the last rotation; `None` where there is none beside the one.
#[must_use]
pub fn end_old(accounts: &[AccountName], dialect: Dialect) -> Option<Vec<Step>> {
    dialect.has_dual_passwords().then(|| accounts.iter().cloned().map(Step::EndOld).collect())
}

/// Lets nobody in any more. Who is in stays: see [`sessions`].
#[must_use]
pub fn lock(accounts: &[AccountName]) -> Vec<Step> {
    accounts.iter().cloned().map(Step::Lock).collect()
}

/// Lets them in again.
#[must_use]
pub fn unlock(accounts: &[AccountName]) -> Vec<Step> {
    accounts.iter().cloned().map(Step::Unlock).collect()
}

/// Ends accounts. Locked first, so that none gets in between.
#[must_use]
pub fn drop(accounts: &[AccountName]) -> Vec<Step> {
    lock(accounts).into_iter().chain(accounts.iter().cloned().map(Step::Drop)).collect()
}

/// Makes a database. Whether one that is there agrees is asked before: [`Database::agrees`].
#[must_use]
pub fn make_database(database: Database) -> Vec<Step> {
    vec![Step::MakeDatabase(database)]
}

/// Whose sessions end with an account that was locked, dropped, or may less: neither a lock nor a revoke ends one that is there, and a
/// drop does not either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sessions {
    /// The user.
    pub user: String,
    /// From these hosts, in the server's words.
    pub hosts: BTreeSet<String>,
}

/// The sessions of accounts, one value for each user.
#[must_use]
pub fn sessions(accounts: &[AccountName]) -> Vec<Sessions> {
    let mut users = BTreeMap::<_, BTreeSet<_>>::new();
    for account in accounts {
        users.entry(account.user.clone()).or_default().insert(account.host.clone());
    }
    users.into_iter().map(|(user, hosts)| Sessions { user, hosts }).collect()
}

impl Sessions {
    /// Whether a session of the user from this client is meant, by what the list of processes says: an address, with or without its
    /// port, or a name. A pattern that is not one of ours is taken to mean every client. Where the server looks names up, a client of a network
    /// or an address has a name there: it is taken to be one, since to end a session too many does no harm.
    #[must_use]
    pub fn covers(&self, client: &str) -> bool {
        // An IPv6 address and its port may look like a longer address.
        let host = client.rsplit_once(':').map_or(client, |(host, _)| host);
        let hosts = [client, host].map(|text| text.trim_start_matches('[').trim_end_matches(']'));
        // Without a port it came by the socket.
        let is_named =
            client != "localhost" && hosts.iter().all(|host| host.parse::<std::net::IpAddr>().is_err());
        self.hosts.iter().any(|pattern| match HostPattern::read(pattern) {
            Ok(HostPattern::Network(..) | HostPattern::Address(_)) if is_named => true,
            Ok(pattern) => hosts.iter().any(|host| pattern.covers(host)),
            Err(_) => true,
        })
    }
}

fn grants<'a>(account: &'a AccountName, wanted: &'a Wanted) -> impl Iterator<Item = Step> + 'a {
    wanted.iter().map(|(scope, privileges)| Step::Grant(account.clone(), scope.clone(), privileges.clone()))
}

/// What of the wanted an account has not.
pub(crate) fn lacking(live: &Live, wanted: &Wanted) -> Wanted {
    let mut held = Wanted::new();
    for grant in live.privileges() {
        let known = grant.privileges.iter().filter_map(|word| Privilege::of_word(word));
        held.entry(grant.scope.clone()).or_default().extend(known);
    }
    let lacking = wanted.iter().map(|(scope, privileges)| {
        let has = held.remove(scope).unwrap_or_default();
        (scope.clone(), privileges - &has)
    });
    lacking.filter(|(_, privileges)| !privileges.is_empty()).collect()
}

/// What takes exactly what is too much; `None` where dbdesk does not hold it itself, so that only all can be taken.
fn excess(live: &Live, wanted: &Wanted, dialect: Dialect) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    if live.besides_privileges().next().is_some() {
        return None;
    }
    let ours: BTreeSet<_> = wanted.keys().filter_map(|scope| database(scope, dialect)).collect();
    for grant in live.privileges() {
        let right = wanted.get(&grant.scope);
        let mut extra = BTreeSet::new();
        for word in &grant.privileges {
            match Privilege::of_word(word) {
                Some(privilege) if right.is_some_and(|right| right.contains(&privilege)) => {}
                Some(privilege) => {
                    extra.insert(privilege);
                }
                None => return None,
            }
        }
        let is_extra = !extra.is_empty() || grant.is_grantable;
        if !grant.columns.is_empty()
            || is_extra && !database(&grant.scope, dialect).is_some_and(|name| ours.contains(&name))
        {
            return None;
        }
        if grant.is_grantable {
            steps.push(Step::RevokeGrantOption(live.name.clone(), grant.scope.clone()));
        }
        if !extra.is_empty() {
            steps.push(Step::Revoke(live.name.clone(), grant.scope.clone(), extra));
        }
    }
    Some(steps)
}

/// The database that a scope lies in; a pattern that could match others is in none.
fn database(scope: &Scope, dialect: Dialect) -> Option<String> {
    match scope {
        Scope::Database(pattern) => pattern_of_one(pattern, dialect),
        Scope::Table(database, _) => Some(database.clone()),
        Scope::Global | Scope::Routine(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_client_with_and_without_a_port() {
        let covers = |pattern: &str, client| {
            Sessions { user: "shop".into(), hosts: [pattern.to_owned()].into() }.covers(client)
        };
        assert!(covers("10.1.0.0/255.255.0.0", "10.1.2.3:40000") && covers("10.1.2.3", "10.1.2.3"));
        assert!(covers("fe80::1", "fe80::1:4000") && covers("fe80::1", "[fe80::1]:40000"));
        assert!(covers("localhost", "localhost") && covers("app-1", "app-1:5000"));
        assert!(
            covers("10.1.0.0/255.255.0.0", "app-1.shop.example:40000")
                && covers("127.0.0.1", "localhost:40000")
        );
        assert!(covers("10.%", "192.168.0.1:1"), "a pattern that is not ours is every client");
        assert!(!covers("10.1.0.0/255.255.0.0", "10.2.2.3:40000") && !covers("10.1.2.3", "localhost"));
    }

    #[test]
    fn the_same_host_twice_is_one_account() {
        let user = UserName::parse("shop").expect("a name");
        let hosts =
            ["10.0.0.1", "10.0.0.1/32", "10.0.0.2"].map(|host| HostPattern::read(host).expect("a host"));
        assert_eq!(accounts(&user, &hosts).len(), 2);
    }
}
