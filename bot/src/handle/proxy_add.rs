//! `/proxy add`

use super::{account_request::given, workflow_file::number};
use crate::inbound::parts::Typed;
use dbdesk_commands::{lang::Said, wire::workflow::Change};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::ProxyAdd {
        proxy: given(&it.proxy),
        server: it.server.trim().to_owned(),
        weight: number("weight", &it.weight)?,
    })
}
