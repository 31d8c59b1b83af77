//! A change of a service group is asked for: a switchover, a replica more or less, parameters, one part, its end. A ticket with every step in its
//! text; what runs is made from the same fields.

use super::{
    Caller, Failure, Once,
    clustering::{Filed, Reason, file_at},
    content, planning, refuse,
    reviewing::group,
    view,
};
use crate::desk::Desk;
use dbdesk_cluster::Ask;
use dbdesk_commands::{
    lang::said,
    when::When,
    wire::{ticket::TicketView, workflow::WorkflowRequest},
};

/// Files it.
pub async fn file(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    name: &str,
    body: WorkflowRequest,
) -> Result<TicketView, Failure> {
    let found = group(desk, caller.within(), name).await?;
    refuse::only_dba(
        desk,
        caller,
        Some(&found.group),
        said!(
            "change the servers of a service group and what stands in front of them",
            "变更服务组的服务器和前端入口"
        ),
    )?;
    let reason = content::reason(&body.reason)?;
    let now = desk.clock.now();
    let when = body.when.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let when = when.map_or(Ok(When::Now), |text| content::when(text, &found.group, now))?;
    let workflow = planning::planned(desk, &found, &body.change).await?;
    let ask = Ask::Workflow(Box::new(workflow));
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let filed = Filed { takes_back: None, when, lang: body.lang.unwrap_or(caller.lang) };
    let row = file_at(desk, &mut tx, (caller, &found), (&ask, Reason::Own(reason)), filed, now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}
