//! Messages of DNS, made and read. Pure.

use super::{DnsName, Kind, NamesError, RecordSet, Values};
use hickory_proto::{
    op::{Message, MessageType, OpCode, Query},
    rr::{
        DNSClass, Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME},
    },
};

/// What a name leads to.
pub(super) fn question(name: &DnsName, kind: Kind) -> Result<Message, NamesError> {
    let mut message = Message::query();
    message.metadata.recursion_desired = false;
    message.add_query(Query::query(wire(name)?, record_type(kind)));
    Ok(message)
}

/// The old set goes and the new one comes in one message: nobody sees the name without.
pub(super) fn update(
    zone: &DnsName,
    name: &DnsName,
    kind: Kind,
    set: Option<&RecordSet>,
) -> Result<Message, NamesError> {
    let mut message = Message::new(Message::query().metadata.id, MessageType::Query, OpCode::Update);
    message.add_query(Query::query(wire(zone)?, RecordType::SOA));
    let name = wire(name)?;
    let mut gone = Record::update0(name.clone(), 0, record_type(kind)).into_record_of_rdata();
    gone.dns_class = DNSClass::ANY;
    message.add_authority(gone);
    if let Some(set) = set {
        for data in rdata(set.values())? {
            message.add_authority(Record::from_rdata(name.clone(), set.ttl_s(), data));
        }
    }
    Ok(message)
}

/// The set of a kind that an answer has of a name.
pub(super) fn answered(
    message: &Message,
    name: &DnsName,
    kind: Kind,
) -> Result<Option<RecordSet>, NamesError> {
    let name = wire(name)?;
    // Names are compared without regard to case; an alias and what it leads to have names of their own.
    let of_it = message.answers.iter().filter(|record| record.name == name);
    let (mut ttl_s, mut texts) = (0, Vec::new());
    for record in of_it {
        let text = match (&record.data, kind) {
            (RData::A(A(address)), Kind::A) => address.to_string(),
            (RData::AAAA(AAAA(address)), Kind::Aaaa) => address.to_string(),
            (RData::CNAME(CNAME(name)), Kind::Cname) => name.to_ascii(),
            _ => continue,
        };
        texts.push(text);
        ttl_s = record.ttl;
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let set = RecordSet::parse(kind, ttl_s, texts.iter().map(String::as_str));
    set.map(Some).map_err(|error| NamesError::Nonsense(error.to_string()))
}

fn rdata(values: &Values) -> Result<Vec<RData>, NamesError> {
    Ok(match values {
        Values::A(addresses) => addresses.iter().map(|address| RData::A(A(*address))).collect(),
        Values::Aaaa(addresses) => addresses.iter().map(|address| RData::AAAA(AAAA(*address))).collect(),
        Values::Cname(name) => vec![RData::CNAME(CNAME(wire(name)?))],
    })
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Cname => RecordType::CNAME,
    }
}

fn wire(name: &DnsName) -> Result<Name, NamesError> {
    Name::from_ascii(name.absolute()).map_err(|error| NamesError::Nonsense(error.to_string()))
}
