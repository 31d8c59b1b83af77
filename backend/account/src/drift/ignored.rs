//! Accounts that are no business of the tickets.

use crate::name::AccountName;
use std::collections::BTreeSet;

/// The servers' own accounts, their administrator on the machine itself, and dbdesk's.
const STANDARD: [&str; 5] =
    ["mysql.*@localhost", "mysql@localhost", "mariadb.sys@localhost", "root@localhost", "dbdesk_*@*"];

/// Patterns of `user@host`, in which `*` stands for any text, and users. An account that a ticket granted is looked at all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    patterns: Vec<String>,
    users: BTreeSet<String>,
}

impl Ignored {
    /// The standard ones, and those of the configuration.
    #[must_use]
    pub fn with(more: &[String]) -> Self {
        let patterns = STANDARD.into_iter().map(str::to_owned).chain(more.iter().cloned()).collect();
        Self { patterns, users: BTreeSet::new() }
    }

    /// And all accounts of these users: those that the desk itself works with, whatever they are called. An empty name is none.
    #[must_use]
    pub fn and(mut self, users: impl IntoIterator<Item = String>) -> Self {
        self.users.extend(users.into_iter().filter(|user| !user.is_empty()));
        self
    }

    /// Whether an account is ignored.
    #[must_use]
    pub fn has(&self, account: &AccountName) -> bool {
        let name = account.to_string();
        self.users.contains(&account.user) || self.patterns.iter().any(|pattern| matches(pattern, &name))
    }
}

/// Each part between two `*` is looked for behind the one before it; the last one at the end.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let ignored = Ignored::with(&["monitor@10.*".to_owned(), "*@bastion".to_owned()]);
        let has = |user, host| ignored.has(&AccountName::new(user, host));
        assert!(has("mysql.sys", "localhost") && has("dbdesk_run", "10.0.0.1") && has("monitor", "10.0.0.9"));
        assert!(has("anyone", "bastion") && has("root", "localhost"));
        assert!(
            !has("root", "%") && !has("mysql.sys", "%") && !has("monitor", "11.0.0.1") && !has("shop", "x")
        );
    }

    #[test]
    fn the_desk_s_own_users_are_ignored_whatever_they_are_called() {
        let ignored = Ignored::with(&[]).and(["grants*".to_owned(), String::new()]);
        let has = |user, host| ignored.has(&AccountName::new(user, host));
        assert!(has("grants*", "%") && has("mysql", "localhost"));
        assert!(!has("grants_2", "%") && !has("", "%") && !has("mysql", "%"));
    }

    #[test]
    fn parts_do_not_overlap() {
        assert!(matches("a*a", "aa") && !matches("a*a", "a"));
        assert!(matches("*b*b*", "xbyb") && !matches("*b*b*", "xb"));
    }
}
