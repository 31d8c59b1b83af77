//! The packages that clusters are built from.

use super::{Caller, Failure, packaging, scripting};
use crate::desk::Desk;
use dbdesk_commands::wire::cluster::PackagePage;

/// Lists them, by name.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<PackagePage, Failure> {
    let (packages, faults) = packaging::all(desk).await?;
    let faults = if scripting::mends(&caller.person) {
        faults.iter().map(|fault| fault.told().in_lang(caller.lang).to_owned()).collect()
    } else {
        Vec::new()
    };
    Ok(PackagePage {
        packages: packages.iter().map(|package| packaging::view(package, caller.lang)).collect(),
        faults,
    })
}
