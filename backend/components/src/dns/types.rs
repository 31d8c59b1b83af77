//! Names and what they lead to.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

const MOST_NAME_BYTES: usize = 253;
const MOST_LABEL_BYTES: usize = 63;
const MOST_VALUES: usize = 64;
const MOST_TTL_S: u32 = 86_400;

/// What can not be a name or a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRecord {
    /// Letters, digits, hyphens and underscores, in parts of at most 63 with dots between.
    #[error("{0:?} is no name")]
    Name(String),
    /// There are none, or too many.
    #[error("there are {0} values, and not 1 to {MOST_VALUES}")]
    Values(usize),
    /// It would be kept for more than a day.
    #[error("{0} s is longer than a day")]
    Ttl(u32),
    /// It is another kind's value.
    #[error("{0:?} is no value of this kind")]
    Value(String),
}

/// A whole name, in lower case, without the dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(String);

impl DnsName {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is in a zone, or is the zone itself.
    #[must_use]
    pub fn within(&self, zone: &Self) -> bool {
        self == zone || self.0.strip_suffix(zone.as_str()).is_some_and(|before| before.ends_with('.'))
    }

    /// With the dot at the end.
    pub(super) fn absolute(&self) -> String {
        format!("{}.", self.0)
    }
}

impl FromStr for DnsName {
    type Err = NoRecord;
    fn from_str(text: &str) -> Result<Self, NoRecord> {
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let good = |label: &str| {
            (1..=MOST_LABEL_BYTES).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() <= MOST_NAME_BYTES && name.split('.').all(good) {
            return Ok(Self(name));
        }
        Err(NoRecord::Name(text.chars().take(300).collect()))
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Of what kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// Another name.
    Cname,
}

impl Kind {
    /// All that we know.
    pub const ALL: [Self; 3] = [Self::A, Self::Aaaa, Self::Cname];

    /// As DNS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a name leads to: each once, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// IPv4 addresses.
    A(Vec<Ipv4Addr>),
    /// IPv6 addresses.
    Aaaa(Vec<Ipv6Addr>),
    /// Another name.
    Cname(DnsName),
}

/// A name's records of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    ttl_s: u32,
    values: Values,
}

impl RecordSet {
    /// Records that may be kept for so long.
    pub fn new(ttl_s: u32, mut values: Values) -> Result<Self, NoRecord> {
        let count = match &mut values {
            Values::A(addresses) => sorted(addresses),
            Values::Aaaa(addresses) => sorted(addresses),
            Values::Cname(_) => 1,
        };
        if !(1..=MOST_VALUES).contains(&count) {
            return Err(NoRecord::Values(count));
        }
        if ttl_s > MOST_TTL_S { Err(NoRecord::Ttl(ttl_s)) } else { Ok(Self { ttl_s, values }) }
    }

    /// From texts, as people type them and servers write them.
    pub fn parse<'a>(
        kind: Kind,
        ttl_s: u32,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, NoRecord> {
        let values: Vec<&str> = values.into_iter().collect();
        let parsed = match kind {
            Kind::A => Values::A(each(&values)?),
            Kind::Aaaa => Values::Aaaa(each(&values)?),
            Kind::Cname => match values[..] {
                [name] => Values::Cname(name.parse()?),
                _ => return Err(NoRecord::Values(values.len())),
            },
        };
        Self::new(ttl_s, parsed)
    }

    /// Of what kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.values {
            Values::A(_) => Kind::A,
            Values::Aaaa(_) => Kind::Aaaa,
            Values::Cname(_) => Kind::Cname,
        }
    }

    /// For how long it may be kept.
    #[must_use]
    pub fn ttl_s(&self) -> u32 {
        self.ttl_s
    }

    /// What it leads to.
    #[must_use]
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// As a zone file writes them.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        match &self.values {
            Values::A(addresses) => addresses.iter().map(ToString::to_string).collect(),
            Values::Aaaa(addresses) => addresses.iter().map(ToString::to_string).collect(),
            Values::Cname(name) => vec![name.absolute()],
        }
    }
}

fn sorted<T: Ord>(values: &mut Vec<T>) -> usize {
    values.sort();
    values.dedup();
    values.len()
}

fn each<T: FromStr>(values: &[&str]) -> Result<Vec<T>, NoRecord> {
    values.iter().map(|text| text.parse().map_err(|_| NoRecord::Value((*text).to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_and_no_record_is_not_made() {
        for bad in [
            "",
            ".",
            "a..b",
            "-a.b",
            "a-.b",
            "a b",
            "a/b",
            "*.a",
            "工单",
            &"x".repeat(64),
            &["x"; 128].join("."),
        ] {
            assert!(bad.parse::<DnsName>().is_err(), "{bad}");
        }
        let name: DnsName = "Orders-Write.DB.example.com.".parse().unwrap();
        assert_eq!(name.as_str(), "orders-write.db.example.com");
        let zone: DnsName = "db.example.com".parse().unwrap();
        assert!(name.within(&zone) && zone.within(&zone));
        assert!(!"xdb.example.com".parse::<DnsName>().unwrap().within(&zone));
        assert!(RecordSet::parse(Kind::A, 5, ["::1"]).is_err());
        assert!(RecordSet::parse(Kind::A, 5, []).is_err());
        assert!(RecordSet::parse(Kind::A, 86_401, ["192.0.2.1"]).is_err());
        assert!(RecordSet::parse(Kind::Cname, 5, ["a", "b"]).is_err());
        let set = RecordSet::parse(Kind::A, 5, ["192.0.2.9", "192.0.2.1", "192.0.2.9"]).unwrap();
        assert_eq!(set.texts(), ["192.0.2.1", "192.0.2.9"]);
    }
}
