//! `/cluster add-replica`

use super::{
    account_request::given,
    workflow_file::{number, values},
};
use crate::inbound::parts::Typed;
use dbdesk_commands::{
    lang::Said,
    wire::workflow::{Change, CopyMethod},
};

/// What it asks for.
pub(super) fn change(it: &Typed) -> Result<Change, Said> {
    Ok(Change::AddReplica {
        host: it.host.trim().to_owned(),
        port: number("port", &it.port)?,
        from: given(&it.from),
        by: match it.by.as_str() {
            "mariadb_backup" => Some(CopyMethod::MariadbBackup),
            "clone" => Some(CopyMethod::Clone),
            "dump" => Some(CopyMethod::Dump),
            _ => None,
        },
        buffer_pool_mb: number("memory", &it.memory)?,
        parameters: values(&it.values)?,
        weight: number("weight", &it.weight)?,
    })
}
