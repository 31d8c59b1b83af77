//! A change of a service group is asked for: a switchover, a replica more or less, parameters, one part, its end. A ticket with every step in its
//! text; what runs is made from the same fields.

use super::{
    Caller, Failure, Once,
    clustering::{Filed, Reason, file_at},
    content, planning, refuse,
    reviewing::group,
    scripting, view,
};
use crate::desk::Desk;
use dbdesk_cluster::Ask;
use dbdesk_commands::{
    lang::{Said, said},
    when::When,
    wire::{problem::Refusal, ticket::TicketView, workflow::WorkflowRequest},
};
use dbdesk_ticket::approval::Step;

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
    let mut workflow = planning::planned(desk, &found, &body.change).await?;
    let (before, first) = scripting::as_steps(desk, caller, &found.group, &body.before).await?;
    let (after, second) = scripting::as_steps(desk, caller, &found.group, &body.after).await?;
    workflow.steps.splice(0..0, before);
    workflow.steps.extend(after);
    let step = one_of(first.into_iter().chain(second))?;
    let ask = Ask::Workflow(Box::new(workflow));
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let filed = Filed { takes_back: None, when, lang: body.lang.unwrap_or(caller.lang), step };
    let row = file_at(desk, &mut tx, (caller, &found), (&ask, Reason::Own(reason)), filed, now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

/// Who approves it for its scripts: a ticket has one such step.
fn one_of(steps: impl Iterator<Item = Step>) -> Result<Option<Step>, Refusal> {
    let mut all: Vec<Step> = Vec::new();
    for step in steps {
        if !all.contains(&step) {
            all.push(step);
        }
    }
    if all.len() > 1 {
        return Err(refuse::invalid(Said::fixed(
            "These scripts are approved by different people. Run one of them by a ticket of its own, with `/script run`. Nothing was filed.",
            "这些脚本需要不同的人审批。请把其中一个用 `/script run` 单独提交。没有提交工单。",
        )));
    }
    Ok(all.pop())
}
