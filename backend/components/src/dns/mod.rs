//! Names under which applications find a service group, in one zone of one server.
//!
//! [`PowerDns`] is asked by HTTP with a key; [`Rfc2136`] is any server that takes signed dynamic updates: BIND, Knot, PowerDNS.

mod error;
mod key;
mod powerdns;
mod rfc2136;
mod rfc2136_message;
mod types;

pub use error::NamesError;
pub use key::{NoKey, key_from_file};
pub use powerdns::{NoPlace, PowerDns};
pub use rfc2136::Rfc2136;
pub use types::{DnsName, Kind, NoRecord, RecordSet, Values};

use futures_util::future::BoxFuture;
use std::fmt;

/// One zone. Each change may be asked for again, and has been seen to hold when it returns.
pub trait Names: Send + Sync + fmt::Debug {
    /// The record sets of a name, of the kinds we know, in their order. A name that is not there has none.
    fn read<'a>(&'a self, name: &'a DnsName) -> BoxFuture<'a, Result<Vec<RecordSet>, NamesError>>;

    /// Puts a record set in the place of the one of its kind.
    fn put<'a>(&'a self, name: &'a DnsName, set: &'a RecordSet) -> BoxFuture<'a, Result<(), NamesError>>;

    /// Removes the record set of a kind. What is not there is removed.
    fn remove<'a>(&'a self, name: &'a DnsName, kind: Kind) -> BoxFuture<'a, Result<(), NamesError>>;
}

/// What it shows after it said yes.
fn seen(shown: &[RecordSet], kind: Kind, wanted: Option<&RecordSet>) -> Result<(), NamesError> {
    let there = shown.iter().find(|set| set.kind() == kind);
    match conflict(shown, kind) {
        _ if there == wanted => Ok(()),
        Some(other) if there.is_none() => Err(NamesError::Conflict(other)),
        _ => Err(NamesError::NotTaken),
    }
}

/// The kind that does not let this one be: beside an alias there is no other.
fn conflict(shown: &[RecordSet], kind: Kind) -> Option<Kind> {
    let against = |other: &Kind| *other != kind && (kind == Kind::Cname || *other == Kind::Cname);
    shown.iter().map(RecordSet::kind).find(against)
}
