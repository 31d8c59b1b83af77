//! A ticket for work on the inventory and on a group's servers.

use super::{
    Caller, Failure,
    asking::{Asked, reviewed},
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use dbdesk_cluster::Ask;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::Said,
    when::When,
    wire::{policy::RequestKind, ticket::Risk},
};
use dbdesk_store::{Tx, service_group::GroupRow, ticket::TicketRow};

/// Files it in the caller's name.
pub(super) async fn file_ask(
    desk: &Desk,
    tx: &mut Tx,
    by: (&Caller, &GroupRow),
    asked: (&Ask, Said),
    now: Time,
) -> Result<TicketRow, Failure> {
    file_back(desk, tx, by, asked, None, now).await
}

/// The same, to take another ticket back.
pub(super) async fn file_back(
    desk: &Desk,
    tx: &mut Tx,
    (caller, group): (&Caller, &GroupRow),
    (ask, reason): (&Ask, Said),
    takes_back: Option<TicketId>,
    now: Time,
) -> Result<TicketRow, Failure> {
    let text = ask.text();
    let asked = Asked {
        request: serde_json::to_string(ask).map_err(anyhow::Error::from)?,
        kind: RequestKind::Cluster,
        steps: ask.counted(),
        risk: risk(ask),
        is_free: false,
        step: None,
        script: None,
    };
    let filing = Filing {
        group,
        database: group.group.databases.first().cloned().unwrap_or_default(),
        requester: &caller.person,
        reason: reason.in_lang(caller.lang).to_owned(),
        lang: caller.lang,
        when: When::Now,
        schedule: None,
        takes_back,
        account: None,
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed(&text, asked),
    };
    file(desk, tx, filing, now).await
}

fn risk(ask: &Ask) -> Risk {
    match ask {
        Ask::RepairInventory { .. } => Risk::Medium,
        Ask::RepairServers { .. } => Risk::High,
        Ask::Workflow(workflow) if workflow.aim.is_felt() => Risk::High,
        Ask::Workflow(_) => Risk::Medium,
    }
}
