//! From the request for a cluster to the group and the steps that make it. Pure: what is known of hosts, and what others have taken, comes in.
//!
//! * [`whole`] the request with all that it left out
//! * [`faults`] everything that is wrong with one
//! * [`group`] the group that comes of it
//! * [`typed`] what was typed into a draft, read
//! * [`steps`] what is done, in order

mod faults;
mod group;
mod steps;
mod taken;
#[cfg(test)]
mod tests;
mod typed;
mod whole;

pub use group::{is_on, sketch};
pub use steps::server_id;
pub(crate) use steps::{acknowledges, labels};
pub use taken::Taken;
pub use typed::typed;
pub use whole::whole;

use crate::{
    package::Package,
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{Host, ServiceGroup};
pub use dbdesk_commands::wire::cluster::{BuildFault, BuildPart, BuildRequest};

/// Port of a server where nothing is said.
pub const PORT: u16 = 3306;

/// What is known when a request is judged.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The hosts of the inventory; those that the request names suffice.
    pub hosts: &'a [Host],
    /// The zones in which the desk makes names; empty: it is not known which.
    pub zones: &'a [String],
    /// What other groups have.
    pub taken: &'a Taken,
}

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The request with all that it left out.
    pub whole: BuildRequest,
    /// The group while it is built.
    pub group: ServiceGroup,
    /// What builds it.
    pub workflow: Workflow,
}

/// The group and the workflow, or everything that is wrong.
///
/// # Errors
/// Each fault with the part of the request that it is in; what it says ends with what to do.
pub fn planned(
    request: &BuildRequest,
    package: &Package,
    known: &Known<'_>,
) -> Result<Planned, Vec<BuildFault>> {
    let whole = whole::whole(request, package, known.hosts);
    let faults = faults::all(&whole, package, known);
    if !faults.is_empty() {
        return Err(faults);
    }
    let group = group::sketch(&whole, package, known.hosts);
    let steps = steps::steps(&whole, package, &group, known.hosts).map_err(|fault| vec![fault])?;
    let document = serde_json::to_string_pretty(&whole).unwrap_or_default();
    let workflow = Workflow {
        aim: Aim::Build,
        group: group.name.clone(),
        // Filing it puts the group into the inventory: that is its first version.
        seen: 1,
        document: Some(document),
        steps,
    };
    Ok(Planned { whole, group, workflow })
}

/// What was typed, as far as a sentence can hold it.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    let mut shown: String = text.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
