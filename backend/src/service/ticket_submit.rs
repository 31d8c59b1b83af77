//! File a ticket: check, review, save, and let policy approve it where nobody is needed.

use super::{
    Caller, Failure, Once,
    approval::{Approval, schedule},
    content::{self, reason, verdict},
    reviewing::{database, group, review, written},
    view,
};
use crate::desk::Desk;
use dbdesk_commands::wire::{
    entry::Event,
    ticket::{TicketSubmit, TicketView},
};
use dbdesk_store::{
    begin, commit, entry,
    ticket::{self, NewTicket, TicketChange},
};
use dbdesk_ticket::{machine, policy::Verdict};

/// Files it.
pub async fn submit(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    body: TicketSubmit,
) -> Result<TicketView, Failure> {
    let found = group(desk, &body.service_group).await?;
    database(&found.group, &body.database)?;
    let reason = reason(&body.reason)?;
    let when = content::when(&body.when, &found.group, desk.clock.now())?;
    let sql = written(body.sql).await?.sql;
    let reviewed = review(desk, &sql, Some(&found.group), Some(&body.database)).await?;
    let (verdict, risk) = verdict(&reviewed, &desk.config.policy, &found.group);

    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    once.claim(&mut tx, 201, now).await?;
    let new = NewTicket {
        group: found.id,
        database: body.database,
        requester: caller.person.id,
        reason,
        lang: body.lang.unwrap_or(caller.lang),
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
    let mut row = ticket::insert(&mut tx, &new).await?;
    once.about(&mut tx, row.id).await?;
    let id = row.id;
    content::write(desk, &mut tx, (id, 1), (&sql, &reviewed), risk, (caller.person.id, now)).await?;
    let event =
        Event::Filed { by: caller.actor(), statements: reviewed.statements(), bytes: sql.len() as u64 };
    entry::append(&mut tx, &row, None, &caller.actor(), now, &event, None).await?;
    if verdict == Verdict::Passes {
        let approval = Approval::by_policy(&reviewed, when, &found.group, now)?;
        row = schedule(desk, &mut tx, &row, row.now.state, approval, now).await?;
    }
    commit(tx).await?;
    desk.offer(&row, &found.group, now);
    desk.changed(id);
    view::ticket(desk, id, caller.lang).await
}
