//! `/dns set`

use super::{account_request::given, workflow_file::number};
use crate::inbound::parts::Typed;
use dbdesk_commands::{
    lang::Said,
    wire::workflow::{Change, NamePurpose},
};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::DnsSet {
        name: it.name.trim().to_owned(),
        to: it.to.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect(),
        zone: given(&it.zone),
        ttl_s: number("ttl", &it.ttl)?,
        purpose: match it.purpose.as_str() {
            "write" => Some(NamePurpose::Write),
            "read" => Some(NamePurpose::Read),
            _ => None,
        },
    })
}
