//! File a ticket: check, review, save, and let policy approve it where nobody is needed.

use super::{
    Caller, Failure, Once,
    approval::{Approval, schedule},
    content::{self, reason, verdict},
    reviewing::{Reviewed, database, group, review},
    spread::written,
    view,
};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, ScheduleId, TicketId},
    lang::Lang,
    when::When,
    wire::{
        entry::Event,
        person::Actor,
        ticket::{OnFailure, TicketSubmit, TicketView},
    },
};
use dbdesk_store::{
    Tx, entry,
    person::Person,
    service_group::GroupRow,
    ticket::{self, NewTicket, TicketChange, TicketRow},
};
use dbdesk_ticket::{machine, policy::Verdict};

/// Files it.
pub async fn submit(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: TicketSubmit,
) -> Result<TicketView, Failure> {
    let found = group(desk, caller.within(), &body.service_group).await?;
    database(&found.group, &body.database)?;
    let reason = reason(&body.reason)?;
    let when = content::when(&body.when, &found.group, desk.clock.now())?;
    let sql = written(desk, body.sql, Some((&found.group, &body.database))).await?.sql;
    let reviewed = review(desk, caller.within(), &sql, Some(&found.group), Some(&body.database)).await?;

    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let filing = Filing {
        group: &found,
        database: body.database,
        requester: &caller.person,
        reason,
        lang: body.lang.unwrap_or(caller.lang),
        when,
        schedule: None,
        takes_back: None,
        account: None,
        goes_on: body.on_failure == OnFailure::GoOn,
        told: None,
        sql: &sql,
        reviewed: &reviewed,
    };
    let row = file(desk, &mut tx, filing, now).await?;
    once.about(&mut tx, row.id).await?;
    desk.commit(tx).await?;
    desk.offer(&row, now).await;
    desk.changed(row.id);
    view::ticket(desk, row.id, caller.lang).await
}

/// A ticket that was reviewed and is about to be filed.
pub(super) struct Filing<'a> {
    pub(super) group: &'a GroupRow,
    pub(super) database: String,
    pub(super) requester: &'a Person,
    pub(super) reason: String,
    pub(super) lang: Lang,
    pub(super) when: When,
    /// The schedule that files it, and what that tells.
    pub(super) schedule: Option<(ScheduleId, Event)>,
    /// The ticket that it takes back.
    pub(super) takes_back: Option<TicketId>,
    /// The account that it is about.
    pub(super) account: Option<AccountId>,
    /// Where one of several numbered tables fails, it goes on with the next.
    pub(super) goes_on: bool,
    /// What is to be told of how it was made.
    pub(super) told: Option<Event>,
    pub(super) sql: &'a str,
    pub(super) reviewed: &'a Reviewed,
}

/// Saves it with its revision, its buttons and its first entries; scheduled where nobody is needed.
pub(super) async fn file(
    desk: &Desk,
    tx: &mut Tx,
    filing: Filing<'_>,
    now: Time,
) -> Result<TicketRow, Failure> {
    let Filing { group, requester, when, sql, reviewed, .. } = filing;
    let (verdict, risk) = verdict(reviewed, &desk.config.policy, &group.group);
    let (schedule_id, by_schedule) = filing.schedule.unzip();
    let new = NewTicket {
        group: group.id,
        database: filing.database,
        requester: requester.id,
        team: requester.team.clone(),
        reason: filing.reason,
        lang: filing.lang,
        schedule: schedule_id,
        takes_back: filing.takes_back,
        account: filing.account,
        goes_on: filing.goes_on,
        change: TicketChange {
            state: machine::filed(verdict),
            revision: 1,
            when,
            due_at: None,
            risk,
            decided_by: None,
            approved_by_policy: false,
            decision_reason: None,
            approved_hash: None,
            approval_expires_at: None,
            task: None,
        },
        at: now,
    };
    let mut row = ticket::insert(tx, &new).await?;
    let (id, by) = (row.id, Actor::Person(requester.view()));
    content::write(desk, tx, (id, 1), (sql, reviewed), (&group.group, risk), (requester.id, now)).await?;
    let event = Event::Filed { by: by.clone(), statements: reviewed.statements(), bytes: sql.len() as u64 };
    entry::append(tx, &row, None, &by, now, &event, None).await?;
    for told in by_schedule.into_iter().chain(filing.told) {
        entry::append(tx, &row, None, &Actor::Desk, now, &told, None).await?;
    }
    if verdict == Verdict::Passes {
        let approval = Approval::by_policy(reviewed, when, &group.group, now)?;
        row = schedule(desk, tx, &row, row.now.state, approval, now).await?;
    }
    Ok(row)
}
