//! A cluster is asked for: its group is in the inventory from then on, so that its name and its addresses are taken, and a ticket builds it.

use super::{Caller, Failure, Once, building, clustering, refuse, view};
use crate::desk::Desk;
use dbdesk_cluster::{Ask, build::BuildRequest};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};
use dbdesk_store::{
    cluster_build,
    group_history::{self, Change},
    service_group,
};

/// Groups that one person has being built at once.
const OPEN: u64 = 5;

/// Files it.
pub async fn build(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: BuildRequest,
) -> Result<TicketView, Failure> {
    refuse::only_for_all_groups(caller, &Said::fixed("ask for a cluster", "申请集群"))?;
    let account = body.account.clone();
    let mut looked = building::look(desk, caller, body).await?;
    // Most that is wrong is told without a transaction.
    looked.planned(desk).map_err(|faults| building::refused(&faults))?;
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    cluster_build::only_filer(&mut tx).await?;
    if cluster_build::open_of(&mut *tx, caller.person.id).await? >= OPEN {
        return Err(too_many().into());
    }
    looked.still_free(&mut tx).await?;
    let planned = looked.planned(desk).map_err(|faults| building::refused(&faults))?;
    service_group::put(&mut tx, &planned.group, &Change::first("it is built"), now).await?;
    let group = service_group::by_name(&mut *tx, &planned.group.name).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("a group that was just put is not there"))?;
    let reason = clustering::Reason::Own(planned.whole.reason.clone());
    let ask = Ask::Workflow(Box::new(planned.workflow));
    let row = clustering::file_back(desk, &mut tx, (caller, &group), (&ask, reason), None, now).await?;
    let account = account.map(|account| serde_json::to_string(&account)).transpose();
    let account = account.map_err(anyhow::Error::from)?;
    cluster_build::insert(&mut tx, (group.id, row.id), account.as_deref()).await?;
    group_history::by_ticket(&mut tx, (group.id, group.version), row.id).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "{OPEN} clusters that you asked for are not built yet, and each keeps its names and addresses from others. Wait for one, or withdraw one with \
             `/ticket withdraw`.",
            "你已有 {OPEN} 个尚未建成的集群申请，它们都占用着名称和地址。请等其中一个完成，或用 `/ticket withdraw` 撤回一个。"
        ),
    )
}
