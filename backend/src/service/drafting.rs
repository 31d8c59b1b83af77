//! Drafts of requests for clusters, as chat fills them in: kept here, since the bot keeps nothing. One is its person's alone, and forgotten a day after
//! its last change.

use super::{
    Caller, Failure,
    building::{self, Looked},
    host_list, packaging,
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_cluster::build::{self, BuildFault};
use dbdesk_cmdb::Host;
use dbdesk_commands::{
    clock::Time,
    lang::said,
    wire::{
        cluster::{BuildDraft, BuildDraftView, HostView},
        problem::{Code, Refusal},
    },
};
use dbdesk_store::{
    cluster_draft::{self, DraftRow},
    host,
};

/// A draft is forgotten so long after its last change.
const LASTS: TimeDelta = TimeDelta::hours(24);
/// Largest draft.
const DRAFT_BYTES: usize = 32 * 1024;

pub(super) fn ends(now: Time) -> Time {
    now + LASTS
}

/// As it is kept.
pub(super) fn written(draft: &BuildDraft) -> Result<String, Failure> {
    let text = serde_json::to_string(draft).map_err(anyhow::Error::from)?;
    if text.len() > DRAFT_BYTES {
        let said = said!(
            "The request has more than {DRAFT_BYTES} bytes. Make it shorter.",
            "申请超过 {DRAFT_BYTES} 字节，请写短一些。"
        );
        return Err(Refusal::new(Code::TooLarge, said).into());
    }
    Ok(text)
}

/// One of the caller's.
pub(super) async fn one(desk: &Desk, caller: &Caller, id: &str) -> Result<(u64, BuildDraft), Failure> {
    let found = cluster_draft::get(&desk.store, (id, caller.person.id), desk.clock.now()).await?;
    let DraftRow { version, draft } = found.ok_or_else(gone)?;
    let draft = serde_json::from_str(&draft).map_err(|error| anyhow::anyhow!("a draft: {error}"))?;
    Ok((version, draft))
}

/// What a draft would come to, beside what of it can not be read.
pub(super) async fn looked(
    desk: &Desk,
    caller: &Caller,
    draft: &BuildDraft,
) -> Result<(Looked, Vec<BuildFault>), Failure> {
    let (request, faults) = build::typed(draft);
    Ok((building::look(desk, caller, request).await?, faults))
}

/// As the one sees it who fills it in.
pub(super) async fn view(
    desk: &Desk,
    caller: &Caller,
    id: String,
    (version, draft): (u64, BuildDraft),
) -> Result<BuildDraftView, Failure> {
    let (looked, mut faults) = looked(desk, caller, &draft).await?;
    let mut check = looked.check(desk);
    if !faults.is_empty() {
        check.steps.clear();
        faults.append(&mut check.faults);
        check.faults = faults;
    }
    let (packages, _) = packaging::all(desk).await?;
    let packages = packages.iter().map(|package| packaging::view(package, caller.lang)).collect();
    let (hosts, more_hosts) = hosts(desk, &draft).await?;
    Ok(BuildDraftView { id, version, draft, check, packages, hosts, more_hosts })
}

/// Those that are chosen, then the first others, as many as a menu takes; and whether there are more.
async fn hosts(desk: &Desk, draft: &BuildDraft) -> Result<(Vec<HostView>, bool), Failure> {
    let most = usize::try_from(host_list::TYPING).unwrap_or(usize::MAX);
    let typed = std::iter::once(&draft.primary).chain(&draft.replicas).chain(&draft.proxies);
    let chosen: Vec<&str> =
        typed.map(|text| text.split(':').next().unwrap_or_default().trim()).take(most).collect();
    let mut all: Vec<Host> =
        host::among(&desk.store, &chosen).await?.into_iter().map(|row| row.host).collect();
    let first = host::beginning(&desk.store, "", host_list::TYPING + 1).await?;
    let is_more = first.len() > most;
    for host in first.into_iter().map(|row| row.host) {
        if all.len() < most && all.iter().all(|known| known.name != host.name) {
            all.push(host);
        }
    }
    all.truncate(most);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((host_list::views(desk, &all).await?, is_more))
}

fn gone() -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "This request is not there any more: it was filed, cancelled, or left alone for a day. Begin anew with `/cluster build`.",
            "这份申请已不存在：可能已提交、已取消，或超过一天没有改动。请用 `/cluster build` 重新开始。"
        ),
    )
}
