//! An address that moves between hosts: whoever holds it is spoken to.
//!
//! [`IpVip`] puts it where it is told to by `ip` and says so by ARP; [`KeepalivedVip`] lets keepalived do that, which goes on by itself
//! when a host dies. Who holds it is never remembered and always looked at, on every host. IPv4 only.

mod address;
mod error;
mod ip;
mod keepalived;
mod keepalived_config;

pub use address::{Interface, NoAddress, VirtualAddress};
pub use error::VipError;
pub use ip::{IpVip, Seat};
pub use keepalived::{KeepalivedSeat, KeepalivedVip};
pub use keepalived_config::VirtualRouter;

use futures_util::future::BoxFuture;
use std::fmt;

/// Who holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// These hosts: none, one, or in a split network more.
    pub by: Vec<String>,
    /// These could not be asked.
    pub unknown: Vec<String>,
}

/// An address that one of some hosts holds.
pub trait Vip: Send + Sync + fmt::Debug {
    /// Who holds it now.
    fn held_by(&self) -> BoxFuture<'_, Result<Held, VipError>>;

    /// Gives it to a host. Nobody else may hold it, and each other host must say so, but for those that the caller vouches for: they are
    /// fenced, and can not hold it. Again announces it again.
    fn take<'a>(&'a self, host: &'a str, fenced: &'a [String]) -> BoxFuture<'a, Result<(), VipError>>;

    /// Takes it from a host. Who does not hold it has let it go.
    fn release<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<(), VipError>>;
}

/// Whether a host may have it, as far as the others go.
fn free_for(held: &Held, host: &str, fenced: &[String]) -> Result<(), VipError> {
    if let Some(other) = held.by.iter().find(|other| *other != host) {
        return Err(VipError::HeldBy(other.clone()));
    }
    match held.unknown.iter().find(|other| *other == host || !fenced.contains(other)) {
        Some(other) => Err(VipError::Unknown(other.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_not_be_asked_is_in_the_way_unless_somebody_vouches_for_him() {
        let held = |by: &[&str], unknown: &[&str]| Held {
            by: by.iter().map(ToString::to_string).collect(),
            unknown: unknown.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(free_for(&held(&[], &[]), "a", &[]), Ok(()));
        assert_eq!(free_for(&held(&["a"], &[]), "a", &[]), Ok(()));
        assert_eq!(free_for(&held(&["a", "b"], &[]), "a", &[]), Err(VipError::HeldBy("b".into())));
        assert_eq!(free_for(&held(&[], &["b"]), "a", &[]), Err(VipError::Unknown("b".into())));
        assert_eq!(free_for(&held(&[], &["b"]), "a", &["b".into()]), Ok(()));
        assert_eq!(free_for(&held(&["b"], &[]), "a", &["b".into()]), Err(VipError::HeldBy("b".into())));
        assert_eq!(free_for(&held(&[], &["a"]), "a", &["a".into()]), Err(VipError::Unknown("a".into())));
    }
}
