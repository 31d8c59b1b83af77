//! Everything that is wrong with a request: each with its part, and with what to do.

mod addresses;
mod first;
mod hosts;
mod identity;
mod memory;
mod proxies;

use super::{BuildFault, BuildPart, BuildRequest, Known, group::sketch};
use crate::package::Package;
use dbdesk_cmdb::inventory;
use dbdesk_commands::lang::Said;

/// What was found, in the order of the parts.
struct Faults(Vec<BuildFault>);

impl Faults {
    fn add(&mut self, part: BuildPart, said: Said) {
        self.0.push(BuildFault { part, said });
    }
}

/// What is judged: a request with all that it left out, its package, and what is known.
#[derive(Clone, Copy)]
struct Asked<'a> {
    whole: &'a BuildRequest,
    package: &'a Package,
    known: &'a Known<'a>,
}

/// All of it.
pub(super) fn all(whole: &BuildRequest, package: &Package, known: &Known<'_>) -> Vec<BuildFault> {
    let asked = Asked { whole, package, known };
    let mut faults = Faults(Vec::new());
    identity::judge(asked, &mut faults);
    hosts::judge(asked, &mut faults);
    memory::judge(asked, &mut faults);
    proxies::judge(asked, &mut faults);
    addresses::judge(asked, &mut faults);
    first::judge(asked, &mut faults);
    if faults.0.is_empty() {
        // What comes of it is judged as the inventory file is: nothing gets in by this door that would not by the other.
        for said in inventory::faults_of(&sketch(whole, package, known.hosts)) {
            faults.add(BuildPart::Identity, said);
        }
    }
    faults.0
}
