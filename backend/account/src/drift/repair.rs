//! What takes an account back to what was granted.

use super::Expected;
use crate::{
    dialect::Dialect,
    name::AccountName,
    shown::{Live, Tls},
    statement::Step,
    statements::{self, Sessions, sessions},
};

/// Steps that mend an account, and what they leave to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Repair {
    /// In their order.
    pub steps: Vec<Step>,
    /// Whose sessions end then: they go on with what they had.
    pub sessions: Vec<Sessions>,
    /// It has to be given a password, which nobody has: a rotation mends the rest. One without a password is locked until then.
    pub needs_password: bool,
}

/// Takes one account of one instance from how it is to what was granted. One that no ticket granted is locked, never dropped. The
/// desk has no password of it any more.
#[must_use]
pub fn repair(expected: Option<&Expected>, live: Option<&Live>, dialect: Dialect) -> Repair {
    match (expected, live) {
        (Some(expected), Some(live)) => mended(expected, live, dialect),
        (Some(_), None) => Repair { needs_password: true, ..Repair::default() },
        (None, Some(live)) if live.is_role => {
            Repair { steps: vec![Step::RevokeAllOfRole(live.name.user.clone())], ..Repair::default() }
        }
        (None, Some(live)) => locked(&live.name),
        (None, None) => Repair::default(),
    }
}

fn locked(account: &AccountName) -> Repair {
    let accounts = [account.clone()];
    Repair { steps: statements::lock(&accounts), sessions: sessions(&accounts), needs_password: false }
}

fn mended(expected: &Expected, live: &Live, dialect: Dialect) -> Repair {
    let name = &live.name;
    let attributes = &live.attributes;
    let mut repair = Repair::default();
    if expected.is_locked && !attributes.is_locked {
        repair.steps.push(Step::Lock(name.clone()));
    }
    repair.steps.extend(statements::change(live, &expected.wanted(dialect), dialect));
    let tls = if expected.limits.tls { Tls::Yes } else { Tls::No };
    if attributes.tls != tls || attributes.connections != expected.limits.connections {
        repair.steps.push(Step::Limit(name.clone(), expected.limits));
    }
    repair.needs_password =
        attributes.is_open || !matches!(&*attributes.plugins, [one] if one == expected.plugin.name());
    let is_left_open = repair.needs_password && attributes.is_open;
    if is_left_open && !attributes.is_locked && !expected.is_locked {
        repair.steps.insert(0, Step::Lock(name.clone()));
    }
    if attributes.has_second_password && !expected.is_rotating {
        repair.steps.push(Step::EndOld(name.clone()));
    }
    if repair.steps.iter().any(Step::takes) {
        repair.sessions = sessions(std::slice::from_ref(name));
    }
    if !expected.is_locked && attributes.is_locked && !repair.needs_password {
        repair.steps.push(Step::Unlock(name.clone()));
    }
    repair
}
