//! The options of a service group's servers that can be changed.

use super::{Failure, reviewing::group};
use crate::desk::Desk;
use dbdesk_cluster::plan::known;
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::workflow::{OptionLine, OptionPage};

/// Lists them.
pub async fn list(desk: &Desk, within: &Within, name: &str) -> Result<OptionPage, Failure> {
    let row = group(desk, within, name).await?;
    let line = |known: &known::Known| OptionLine {
        name: known.name.to_owned(),
        is_dynamic: known.is_dynamic,
        takes: known.may_be(),
        choices: known.choices().iter().map(|&word| word.to_owned()).collect(),
    };
    Ok(OptionPage { options: known::all_of(&row.group.flavour).map(line).collect() })
}
