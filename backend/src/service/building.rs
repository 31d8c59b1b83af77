//! What a request for a cluster comes to, with what the desk knows: packages, hosts, what other groups have. One way for the check, the draft and
//! the ticket.

use super::{Caller, Failure, account_request, asking::can_grant, packaging, refuse::quoted};
use crate::desk::Desk;
use dbdesk_cluster::{
    Package,
    build::{self, BuildFault, BuildPart, BuildRequest, Known, Planned, Taken},
    picture,
};
use dbdesk_cmdb::{Host, Place, ServiceGroup, near::nearest, places};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::{
        account::AccountRequest,
        cluster::{BuildAccount, BuildCheck},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{group_place, host};

/// An account that is asked for with a cluster ends after so long, where nothing is said and accounts may live so long.
const USUAL_DAYS: u32 = 365;

/// A request beside all that is known.
pub(super) struct Looked {
    /// The package, where it is known.
    package: Result<Package, BuildFault>,
    hosts: Vec<Host>,
    /// What it would take, as it is kept.
    wants: Vec<(Place, Place)>,
    taken: Taken,
    request: BuildRequest,
}

/// Gathers what is known for it.
pub(super) async fn look(desk: &Desk, caller: &Caller, request: BuildRequest) -> Result<Looked, Failure> {
    let mut request = request;
    if request.team.as_deref().is_none_or(|team| team.trim().is_empty()) {
        request.team.clone_from(&caller.person.team);
    }
    let (packages, _) = packaging::all(desk).await?;
    let package = named(packages, &request.package);
    let names = build::is_on(&request);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut hosts: Vec<Host> =
        host::among(&desk.store, &names).await?.into_iter().map(|row| row.host).collect();
    if names.iter().any(|name| hosts.iter().all(|host| host.name != *name)) {
        // Somebody mistook a name: those near to it are told.
        hosts = host::all(&desk.store).await?.into_iter().map(|row| row.host).collect();
    }
    let mut looked = Looked { package, hosts, wants: Vec::new(), taken: Taken::default(), request };
    let Some(group) = looked.sketch() else { return Ok(looked) };
    looked.wants = wants(&group, &looked.hosts);
    let asked: Vec<Place> = looked.wants.iter().map(|(kept, _)| kept.clone()).collect();
    let found = group_place::taken(&desk.store, &asked).await?;
    looked.taken = taken(&looked.wants, found);
    Ok(looked)
}

fn named(packages: Vec<Package>, name: &str) -> Result<Package, BuildFault> {
    let wanted = name.trim().to_lowercase();
    let near = nearest(&wanted, packages.iter().map(|package| package.name.as_str())).join(", ");
    packages.into_iter().find(|package| package.name == wanted).ok_or_else(|| {
        let name = quoted(name);
        let said = if near.is_empty() {
            Said::fixed(
                "There are no packages. A DBA puts some into the folder of `[cluster] packages_dir`.",
                "目前没有套餐。请 DBA 在 `[cluster] packages_dir` 指定的目录里放入套餐文件。",
            )
        } else {
            said!("There is no package “{name}”. Choose one of: {near}.", "没有套餐“{name}”，可选：{near}。")
        };
        BuildFault { part: BuildPart::Package, said }
    })
}

/// What it would take: as it may be kept, and as it is called here. An inventory may name a host by its address or by its name.
fn wants(group: &ServiceGroup, hosts: &[Host]) -> Vec<(Place, Place)> {
    let mut wants = Vec::new();
    for place in places(group) {
        if let Place::Port(address, port) = &place {
            let names = hosts.iter().filter(|host| host.address == *address).map(|host| &host.name);
            wants.extend(names.map(|name| (Place::Port(name.clone(), *port), place.clone())));
        }
        wants.push((place.clone(), place));
    }
    wants
}

fn taken(wants: &[(Place, Place)], found: Vec<(String, String)>) -> Taken {
    let called = |kept: String| {
        wants.iter().find(|(as_kept, _)| as_kept.to_string() == kept).map(|(_, here)| here.to_string())
    };
    found.into_iter().filter_map(|(kept, group)| Some((called(kept)?, group))).collect()
}

impl Looked {
    fn sketch(&self) -> Option<ServiceGroup> {
        let package = self.package.as_ref().ok()?;
        let whole = build::whole(&self.request, package, &self.hosts);
        Some(build::sketch(&whole, package, &self.hosts))
    }

    /// The group and the workflow, or everything that is wrong.
    pub(super) fn planned(&self, desk: &Desk) -> Result<Planned, Vec<BuildFault>> {
        let package = self.package.as_ref().map_err(|fault| vec![fault.clone()])?;
        let zones: Vec<String> = desk.config.cluster.zone.keys().cloned().collect();
        let known = Known { hosts: &self.hosts, zones: &zones, taken: &self.taken };
        let planned = build::planned(&self.request, package, &known);
        let sketch = self.sketch();
        let of_account = self.request.account.as_ref().zip(sketch).and_then(|(account, group)| {
            account_can_be(desk, account, &group)
                .err()
                .map(|said| BuildFault { part: BuildPart::First, said })
        });
        match (planned, of_account) {
            (planned, None) => planned,
            (Ok(_), Some(fault)) => Err(vec![fault]),
            (Err(mut faults), Some(fault)) => {
                if faults.iter().all(|other| other.part != BuildPart::First) {
                    faults.push(fault);
                }
                Err(faults)
            }
        }
    }

    /// Where it is filed: what was free may be taken by now.
    pub(super) async fn still_free(&mut self, tx: &mut dbdesk_store::Tx) -> Result<(), Failure> {
        let asked: Vec<Place> = self.wants.iter().map(|(kept, _)| kept.clone()).collect();
        self.taken = taken(&self.wants, group_place::taken_for_good(tx, &asked).await?);
        Ok(())
    }

    /// As one sees it who has not filed it.
    pub(super) fn check(&self, desk: &Desk) -> BuildCheck {
        let group = self.sketch();
        let package = self.package.as_ref().ok();
        let request = package.map(|package| build::whole(&self.request, package, &self.hosts));
        let picture = group.map(|group| picture::svg(&group, &[])).unwrap_or_default();
        match self.planned(desk) {
            Ok(planned) => BuildCheck {
                faults: Vec::new(),
                request: Some(planned.whole),
                steps: planned.workflow.steps.iter().map(dbdesk_cluster::Step::said).collect(),
                picture,
            },
            Err(faults) => BuildCheck { faults, request, steps: Vec::new(), picture },
        }
    }
}

/// All that is wrong, as one refusal.
pub(super) fn refused(faults: &[BuildFault]) -> Refusal {
    let told =
        |of: fn(&Said) -> &str| faults.iter().map(|fault| of(&fault.said)).collect::<Vec<_>>().join("\n");
    let (en, zh) = (told(|said| &said.en), told(|said| &said.zh));
    Refusal::new(Code::Invalid, said!("{en}\nNothing was filed.", "{zh}\n没有提交工单。"))
}

/// Whether the desk could make the account, were the group there.
fn account_can_be(desk: &Desk, account: &BuildAccount, group: &ServiceGroup) -> Result<(), Said> {
    let told = |failure: Failure| match failure {
        Failure::Refused(refusal) => refusal.said,
        other => said!("The account can not be judged: {other}.", "无法判断该账号：{other}。"),
    };
    can_grant(desk, group).map_err(told)?;
    let body = account_body(desk, account, group, Lang::En);
    account_request::judged(desk, group, &body).map(drop).map_err(told)
}

/// The request for the account, once the group is there.
pub(super) fn account_body(
    desk: &Desk,
    account: &BuildAccount,
    group: &ServiceGroup,
    lang: Lang,
) -> AccountRequest {
    let days = USUAL_DAYS.min(desk.config.account.most_days);
    let reason = said!("The first account of {name}", "{name} 的第一个账号", name = group.name);
    AccountRequest {
        service_group: group.name.clone(),
        database: group.databases.first().cloned().unwrap_or_default(),
        level: account.level.clone(),
        tables: None,
        from: account.from.clone(),
        until: account.until.clone().unwrap_or_else(|| format!("{days}d")),
        name: Some(account.name.clone()),
        hash: None,
        reason: reason.in_lang(lang).to_owned(),
        lang: Some(lang),
    }
}
