//! What tickets granted against what a server has.

mod ignored;
mod repair;

pub use ignored::Ignored;
pub use repair::{Repair, repair};

use crate::{
    dialect::Dialect,
    name::AccountName,
    privilege::{Privilege, Privileges, Scope, Wanted, listed, wanted},
    scramble::Plugin,
    shown::{Live, OnScope, Tls},
    statement::Limits,
    statements::lacking,
};
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An account as tickets granted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Its name.
    pub name: AccountName,
    /// How it logs in.
    pub plugin: Plugin,
    /// How it may connect.
    pub limits: Limits,
    /// It has ended, and waits to be dropped.
    pub is_locked: bool,
    /// It has its password from before the last rotation still.
    #[serde(default)]
    pub is_rotating: bool,
    /// What it may.
    pub privileges: Vec<Privileges>,
}

impl Expected {
    /// What that comes to on a server.
    #[must_use]
    pub fn wanted(&self, dialect: Dialect) -> Wanted {
        wanted(&self.privileges, dialect)
    }
}

/// One difference of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The account.
    pub account: AccountName,
    /// What differs.
    pub what: What,
}

/// How an account differs from what was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// No ticket granted it, and somebody can log in.
    Unknown,
    /// It is not there.
    Missing,
    /// It has what no ticket granted, in the server's words.
    Excess(String),
    /// It has less on something.
    Lacks(Scope, BTreeSet<Privilege>),
    /// It may hand on what it has on something.
    GrantOption(Scope),
    /// It is locked and should not be.
    Locked,
    /// It should be locked.
    Unlocked,
    /// It logs in otherwise: as granted, and the plugins found.
    OtherPlugin(Plugin, Vec<String>),
    /// It has no password.
    Open,
    /// It has a second password that no rotation left.
    SecondPassword,
    /// TLS is wanted of it and was not, or the other way.
    OtherTls {
        /// As granted.
        wanted: bool,
    },
    /// As granted, and as found; 0 is no limit.
    OtherConnections(u32, u32),
    /// MariaDB's `PUBLIC`: every account has this.
    Everyone(String),
    /// Something in how it logs in is not understood: a person must look.
    NotUnderstood(String),
}

/// The differences on one instance, in the order of the accounts' names. The same account may have several.
#[must_use]
pub fn differences(expected: &[Expected], live: &[Live], ignored: &Ignored, dialect: Dialect) -> Vec<Drift> {
    let mut granted: BTreeMap<_, _> = expected.iter().map(|one| (&one.name, one)).collect();
    let mut found = Vec::new();
    for one in live {
        let all = match granted.remove(&one.name) {
            Some(expected) => of_account(expected, one, dialect),
            None => of_unknown(one, ignored),
        };
        found.extend(all.into_iter().map(|what| Drift { account: one.name.clone(), what }));
    }
    found.extend(granted.into_keys().map(|name| Drift { account: name.clone(), what: What::Missing }));
    found.sort_by(|a, b| a.account.cmp(&b.account));
    found
}

/// A role is reached only by being granted, which is seen there; but everyone has `PUBLIC`. Nobody logs in to an account that is locked.
fn of_unknown(live: &Live, ignored: &Ignored) -> Vec<What> {
    if live.is_role {
        let is_public = live.name.user.eq_ignore_ascii_case("PUBLIC");
        return live
            .grants
            .iter()
            .filter(|_| is_public)
            .map(|grant| What::Everyone(grant.to_string()))
            .collect();
    }
    if live.attributes.is_locked || ignored.has(&live.name) { Vec::new() } else { vec![What::Unknown] }
}

fn of_account(expected: &Expected, live: &Live, dialect: Dialect) -> Vec<What> {
    let wanted = expected.wanted(dialect);
    let mut found = Vec::new();
    found.extend(live.privileges().flat_map(|on| too_much(on, &wanted)));
    found.extend(live.besides_privileges().map(|grant| What::Excess(grant.to_string())));
    let lacking = lacking(live, &wanted).into_iter();
    found.extend(lacking.map(|(scope, privileges)| What::Lacks(scope, privileges)));
    found.extend(of_login(expected, live));
    found
}

fn too_much(on: &OnScope, wanted: &Wanted) -> Vec<What> {
    let mut found = Vec::new();
    let right = wanted.get(&on.scope);
    let is_right = |word: &str| {
        Privilege::of_word(word).is_some_and(|one| right.is_some_and(|right| right.contains(&one)))
    };
    let extra = OnScope {
        privileges: on.privileges.iter().filter(|word| !is_right(word)).cloned().collect(),
        is_grantable: false,
        ..on.clone()
    };
    if !extra.privileges.is_empty() || !extra.columns.is_empty() {
        found.push(What::Excess(extra.to_string()));
    }
    if on.is_grantable {
        found.push(What::GrantOption(on.scope.clone()));
    }
    found
}

fn of_login(expected: &Expected, live: &Live) -> Vec<What> {
    let mut found = Vec::new();
    let attributes = &live.attributes;
    match (expected.is_locked, attributes.is_locked) {
        (true, false) => found.push(What::Unlocked),
        (false, true) => found.push(What::Locked),
        _ => {}
    }
    let is_granted = matches!(&*attributes.plugins, [one] if one == expected.plugin.name());
    if attributes.is_open && (is_granted || attributes.plugins.is_empty()) {
        found.push(What::Open);
    } else if !is_granted {
        found.push(What::OtherPlugin(expected.plugin, attributes.plugins.clone()));
    }
    if attributes.has_second_password && !expected.is_rotating {
        found.push(What::SecondPassword);
    }
    let is_tls = match attributes.tls {
        Tls::No => Some(false),
        Tls::Yes => Some(true),
        Tls::Certificate => None,
    };
    if is_tls != Some(expected.limits.tls) {
        found.push(What::OtherTls { wanted: expected.limits.tls });
    }
    if attributes.connections != expected.limits.connections {
        found.push(What::OtherConnections(expected.limits.connections, attributes.connections));
    }
    found.extend(attributes.unknown.clone().map(What::NotUnderstood));
    found
}

impl Drift {
    /// The difference as people are told.
    #[must_use]
    pub fn said(&self) -> Said {
        let account = &self.account;
        match &self.what {
            What::Unknown => {
                said!("no ticket granted the account {account}", "账号 {account} 没有任何工单授权")
            }
            What::Missing => said!("the account {account} is missing", "账号 {account} 不存在"),
            What::Excess(grant) => {
                said!(
                    "{account} has what no ticket granted: {grant}",
                    "{account} 拥有工单未授予的权限：{grant}"
                )
            }
            What::Lacks(scope, privileges) => said!(
                "{account} lacks {privileges} on {scope}",
                "{account} 缺少 {scope} 上的 {privileges} 权限",
                privileges = listed(privileges)
            ),
            What::GrantOption(scope) => said!(
                "{account} may hand on what it has on {scope} (GRANT OPTION)",
                "{account} 可以转授它在 {scope} 上的权限（GRANT OPTION）"
            ),
            What::Locked => said!("{account} is locked and should not be", "{account} 被锁定，但不应锁定"),
            What::Unlocked => said!("{account} has ended and should be locked", "{account} 已到期，应当锁定"),
            What::OtherPlugin(plugin, found) => said!(
                "{account} logs in with {found} and not with {wanted}",
                "{account} 的认证插件是 {found}，应为 {wanted}",
                found = found.join(" / "),
                wanted = plugin.name()
            ),
            What::SecondPassword => said!(
                "{account} has a second password that no rotation left",
                "{account} 有第二个密码，而它并非轮换所留"
            ),
            What::Open => said!("{account} has no password", "{account} 没有密码"),
            What::OtherTls { wanted: true } => {
                said!("{account} need not use TLS and should have to", "{account} 未要求使用 TLS，应当要求")
            }
            What::OtherTls { wanted: false } => said!(
                "{account} must use TLS or a certificate, which no ticket asked for",
                "{account} 被要求使用 TLS 或证书，而工单没有这项要求"
            ),
            What::OtherConnections(wanted, found) => said!(
                "{account} may have {found} connections at one time and should have {wanted} (0: no limit of its own)",
                "{account} 的最大并发连接数为 {found}，应为 {wanted}（0 表示不单独限制）"
            ),
            What::Everyone(grant) => {
                said!("every account has this, by PUBLIC: {grant}", "所有账号都通过 PUBLIC 拥有：{grant}")
            }
            What::NotUnderstood(text) => said!(
                "how {account} logs in is not understood from “{text}” on: a DBA must look",
                "无法理解 {account} 的登录设置，自“{text}”起：需要 DBA 查看"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
