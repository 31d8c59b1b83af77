//! What takes an account back to what was granted.

use super::Expected;
use crate::{
    dialect::Dialect,
    name::AccountName,
    scramble::Scramble,
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
    /// It has to be given a password, and none was at hand: a rotation mends the rest. One without a password is locked until then.
    pub needs_password: bool,
}

/// Takes one account of one instance from how it is to what was granted. One that no ticket granted is locked, never dropped. `scramble` is
/// what it logs in with, where the desk still has that.
#[must_use]
pub fn repair(
    expected: Option<&Expected>,
    live: Option<&Live>,
    scramble: Option<&Scramble>,
    dialect: Dialect,
) -> Repair {
    match (expected, live) {
        (Some(expected), Some(live)) => mended(expected, live, scramble, dialect),
        (Some(expected), None) => made(expected, scramble, dialect),
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

fn made(expected: &Expected, scramble: Option<&Scramble>, dialect: Dialect) -> Repair {
    let Some(scramble) = scramble else { return Repair { needs_password: true, ..Repair::default() } };
    let wanted = expected.wanted(dialect);
    let mut steps =
        statements::create(std::slice::from_ref(&expected.name), scramble, expected.limits, &wanted, dialect);
    if expected.is_locked {
        steps.retain(|step| !matches!(step, Step::Unlock(_)));
    }
    Repair { steps, ..Repair::default() }
}

fn mended(expected: &Expected, live: &Live, scramble: Option<&Scramble>, dialect: Dialect) -> Repair {
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
    if attributes.is_open || !matches!(&*attributes.plugins, [one] if one == expected.plugin.name()) {
        match scramble.filter(|scramble| scramble.plugin() == expected.plugin) {
            Some(scramble) => repair.steps.push(Step::Password(name.clone(), scramble.clone())),
            None => repair.needs_password = true,
        }
    }
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
