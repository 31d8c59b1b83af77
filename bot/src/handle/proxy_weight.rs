//! `/proxy weight`

use super::{account_request::given, workflow_file::needed};
use crate::inbound::parts::Typed;
use dbdesk_commands::{lang::Said, wire::workflow::Change};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::ProxyWeight {
        proxy: given(&it.proxy),
        server: it.server.trim().to_owned(),
        weight: needed("weight", &it.weight)?,
    })
}
