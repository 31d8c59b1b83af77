//! A ticket for work on the inventory and on a group's servers.

use super::{
    Caller, Failure,
    asking::{Asked, reviewed},
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use dbdesk_cluster::{Aim, Ask, Workflow};
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::{Lang, Said},
    when::When,
    wire::{
        policy::RequestKind,
        task::{TaskKind, TaskView},
        ticket::Risk,
    },
};
use dbdesk_store::{
    Tx,
    person::Person,
    revision::{self, Revision},
    service_group::GroupRow,
    ticket::TicketRow,
};
use dbdesk_ticket::approval::Step;

/// Files it in the caller's name.
pub(super) async fn file_ask(
    desk: &Desk,
    tx: &mut Tx,
    by: (&Caller, &GroupRow),
    (ask, reason): (&Ask, Said),
    now: Time,
) -> Result<TicketRow, Failure> {
    file_back(desk, tx, by, (ask, Reason::Said(reason)), None, now).await
}

/// Why it is asked for.
pub(super) enum Reason {
    /// In the desk's words.
    Said(Said),
    /// In a person's.
    Own(String),
}

/// The workflow of a ticket, where it is one.
pub(super) async fn workflow_of(desk: &Desk, row: &TicketRow) -> Result<Option<Workflow>, Failure> {
    let sql = revision::sql(&desk.store, row.id, row.now.revision).await?;
    Ok(sql.and_then(|sql| sql.request).as_deref().and_then(workflow))
}

fn workflow(request: &str) -> Option<Workflow> {
    match serde_json::from_str(request) {
        Ok(Ask::Workflow(workflow)) => Some(*workflow),
        _ => None,
    }
}

/// Whether there is something of it to take back.
pub(super) fn may_undo(row: &TicketRow, revision: &Revision, task: Option<&TaskView>) -> bool {
    let began = task.is_some_and(|task| task.started_at.is_some());
    let is_one = revision.effect.kind == TaskKind::Cluster && began;
    is_one && row.takes_back.is_none() && revision.request.as_deref().and_then(workflow).is_some()
}

/// The same, to take another ticket back.
pub(super) async fn file_back(
    desk: &Desk,
    tx: &mut Tx,
    by: (&Caller, &GroupRow),
    asked: (&Ask, Reason),
    takes_back: Option<TicketId>,
    now: Time,
) -> Result<TicketRow, Failure> {
    let filed = Filed { takes_back, when: When::Now, lang: by.0.lang, step: None };
    file_at(desk, tx, by, asked, filed, now).await
}

/// How a ticket is filed.
pub(super) struct Filed {
    /// The ticket that it takes back.
    pub(super) takes_back: Option<TicketId>,
    /// When it runs.
    pub(super) when: When,
    /// The language of its card and thread.
    pub(super) lang: Lang,
    /// Who approves it beside those whom policy names.
    pub(super) step: Option<Step>,
}

/// The same, at its time.
pub(super) async fn file_at(
    desk: &Desk,
    tx: &mut Tx,
    (caller, group): (&Caller, &GroupRow),
    (ask, reason): (&Ask, Reason),
    filed: Filed,
    now: Time,
) -> Result<TicketRow, Failure> {
    let text = ask.text();
    let asked = Asked { step: filed.step, ..asked(ask, false)? };
    let filing = Filing {
        group,
        database: group.group.databases.first().cloned().unwrap_or_default(),
        requester: &caller.person,
        reason: match reason {
            Reason::Said(said) => said.in_lang(caller.lang).to_owned(),
            Reason::Own(text) => text,
        },
        lang: filed.lang,
        when: filed.when,
        schedule: None,
        takes_back: filed.takes_back,
        account: None,
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed(&text, asked),
    };
    file(desk, tx, filing, now).await
}

/// In the desk's own name, without anybody who is asked: what takes nothing away and is not felt.
pub(super) async fn file_for_desk(
    desk: &Desk,
    tx: &mut Tx,
    (by, group): (&Person, &GroupRow),
    (ask, reason, lang): (&Ask, Said, Lang),
    now: Time,
) -> Result<TicketRow, Failure> {
    let text = ask.text();
    let filing = Filing {
        group,
        database: group.group.databases.first().cloned().unwrap_or_default(),
        requester: by,
        reason: reason.in_lang(lang).to_owned(),
        lang,
        when: When::Now,
        schedule: None,
        takes_back: None,
        account: None,
        goes_on: false,
        told: None,
        sql: &text,
        reviewed: &reviewed(&text, asked(ask, true)?),
    };
    file(desk, tx, filing, now).await
}

fn asked(ask: &Ask, is_free: bool) -> Result<Asked, Failure> {
    Ok(Asked {
        request: serde_json::to_string(ask).map_err(anyhow::Error::from)?,
        kind: RequestKind::Cluster,
        steps: ask.counted(),
        risk: risk(ask),
        is_free,
        step: None,
        script: None,
    })
}

fn risk(ask: &Ask) -> Risk {
    match ask {
        Ask::RepairServers { .. } => Risk::High,
        Ask::Workflow(workflow) if matches!(workflow.aim, Aim::Backup | Aim::Compare) => Risk::Low,
        Ask::Workflow(workflow) if workflow.is_felt() => Risk::High,
        Ask::RepairInventory { .. } | Ask::Workflow(_) => Risk::Medium,
    }
}
