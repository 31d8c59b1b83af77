//! A ticket in full, as it crosses HTTP.

use super::{Failure, clustering, content, refuse, shares, steps, ticket_collect};
use crate::desk::Desk;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    id::TicketId,
    lang::Lang,
    wire::{
        account::AccountState,
        button::ButtonView,
        policy::RequestKind,
        task::TaskView,
        ticket::{Share, TicketState, TicketVerb, TicketView},
        why::WhyPerson,
    },
};
use dbdesk_review::Judged;
use dbdesk_store::{
    account, account_secret, backup, button,
    passed_over::{self, Left},
    person,
    revision::{self, Revision},
    service_group, task,
    ticket::{self, TicketRow},
};
use dbdesk_ticket::{
    buttons::{asked, changes_cut_over, offered},
    machine::{self, Move},
};
use std::collections::BTreeSet;

/// Why a ticket of this kind needs a person; of SQL the review says it.
fn why(kind: RequestKind, of_review: impl FnOnce() -> Option<WhyPerson>) -> Option<WhyPerson> {
    match kind {
        RequestKind::Account | RequestKind::Database => Some(WhyPerson::Access),
        RequestKind::Cluster => Some(WhyPerson::Cluster),
        RequestKind::Script => Some(WhyPerson::Script),
        RequestKind::Undo => Some(WhyPerson::TakesBack),
        RequestKind::Ddl | RequestKind::Dml => of_review(),
    }
}

/// The ticket as it is now, its review in `lang`.
pub(super) async fn ticket(desk: &Desk, id: TicketId, lang: Lang) -> Result<TicketView, Failure> {
    let store = &desk.store;
    let row = ticket::get(store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    let lost = |what: &str| anyhow::anyhow!("{id}: its {what} is gone");
    let group = service_group::by_id(store, row.group).await?.ok_or_else(|| lost("service group"))?.group;
    let revision = revision::get(store, id, row.now.revision).await?.ok_or_else(|| lost("revision"))?;
    let ids: BTreeSet<_> = [Some(row.requester), row.now.decided_by].into_iter().flatten().collect();
    let mut people = person::views(store, &ids).await?;
    let decided_by = row.now.decided_by.and_then(|by| people.get(&by).cloned());
    let requester = people.remove(&row.requester).ok_or_else(|| lost("requester"))?;
    let (task, shares, left) = worked(desk, &row, &revision).await?;
    let judged = judged(id, &revision.review);
    let review = judged.in_lang(lang);
    let waits = row.now.state == TicketState::AwaitingApproval;
    let kind = if revision.takes_back { RequestKind::Undo } else { revision.effect.kind.into() };
    let account = account(desk, &row, &revision).await?;
    let of_review = || content::why_person(&judged, revision.spread.is_some(), &desk.config.policy, &group);
    let why_person = if waits { why(kind, of_review) } else { None };
    let (rule, steps) = if row.now.approved_by_policy {
        (None, Vec::new())
    } else {
        steps::views(desk, (id, row.now.revision), (&group, waits)).await?
    };
    let fixable =
        review.iter().flat_map(|statement| &statement.findings).any(|found| !found.edits.is_empty());
    let ended = machine::apply(row.now.state, Move::Undo).is_ok();
    // What takes back is taken back by what was kept of the other one.
    // Undo stays: what took it back may be taken back itself, and this card is not told of that.
    let taken_back_by = match ended.then_some(id) {
        Some(id) => ticket::took_back(store, id).await?,
        None => None,
    };
    let undoable = ended
        && (backup::has_any(store, id).await?
            || clustering::may_undo(&row, &revision, task.as_ref())
            || row.takes_back.is_some() && row.now.state == TicketState::Done);
    let is_left = |of: &[u32]| left.as_ref().is_some_and(|left| of.iter().any(|index| left.has(*index)));
    let (online, chunks) = (is_left(&revision.online), is_left(&revision.in_chunks));
    let in_window = desk.config.ddl.cut_over_in_quiet_window && !group.quiet_windows.is_empty();
    let has = |verb: TicketVerb| match verb {
        TicketVerb::Fix => fixable,
        TicketVerb::Undo => undoable,
        TicketVerb::Amend | TicketVerb::SendToDba => kind.is_sql(),
        TicketVerb::Collect => account.password_waits,
        TicketVerb::Renew => account.may_live_on,
        // It has no place at which it could hold.
        TicketVerb::Pause => kind != RequestKind::Script || row.now.state == TicketState::Scheduled,
        TicketVerb::Throttle => online || chunks,
        TicketVerb::HoldCutOver | TicketVerb::CutOver => {
            let changes = |task: &TaskView| {
                let waits = in_window && task.started_at.is_some();
                !task.cuts_over && changes_cut_over(verb, task.cut_over, waits)
            };
            online && task.as_ref().is_some_and(changes)
        }
        _ => true,
    };
    let buttons = shown(row.now.state, has, &button::of_revision(store, id, row.now.revision).await?);
    Ok(TicketView {
        id,
        state: row.now.state,
        revision: row.now.revision,
        service_group: group.name,
        environment: group.environment,
        database: row.database,
        requester,
        reason: row.reason,
        review,
        kind,
        account: row.account,
        sql: revision.sql,
        sql_hash: revision.sql_hash,
        when: row.now.when,
        due_at: row.now.due_at,
        risk: row.now.risk,
        why_person,
        steps,
        rule,
        decided_by,
        approved_by_policy: row.now.approved_by_policy,
        decision_reason: row.now.decision_reason,
        approval_expires_at: row.now.approval_expires_at,
        lang: row.lang,
        created_at: row.created_at,
        updated_at: row.updated_at,
        schedule: row.schedule,
        takes_back: row.takes_back,
        taken_back_by,
        goes_on: row.goes_on,
        throttle: row.throttle,
        task,
        shares,
        buttons,
        card: row.card,
        last_entry: row.last_entry,
    })
}

/// Its task, what of it each service group has, and what is left of it.
async fn worked(
    desk: &Desk,
    row: &TicketRow,
    revision: &Revision,
) -> Result<(Option<TaskView>, Vec<Share>, Option<Left>), Failure> {
    let task = match row.now.task {
        Some(task) => task::get(&desk.store, task).await?,
        None => None,
    };
    let is_dealt = revision.spread.is_some()
        || row.goes_on
        || !(revision.online.is_empty() && revision.in_chunks.is_empty());
    let left = match &task {
        Some(task) if is_dealt => Some(passed_over::left(&desk.store, task, task.done).await?),
        _ => None,
    };
    let (mut task, shares) = shares::shown(&desk.store, (row.id, revision.spread.is_some()), task).await?;
    if let (Some(task), Some(Left { todo: Some(todo), .. })) = (&mut task, &left) {
        // What was passed over did not run, though later ones did.
        task.done = task.total.saturating_sub(u32::try_from(todo.len()).unwrap_or(u32::MAX));
    }
    Ok((task, shares, left))
}

/// What the account of a ticket has to offer.
#[derive(Default)]
struct OfAccount {
    password_waits: bool,
    may_live_on: bool,
}

async fn account(desk: &Desk, row: &TicketRow, revision: &Revision) -> Result<OfAccount, Failure> {
    let Some(id) = row.account.filter(|_| row.now.state == TicketState::Done) else {
        return Ok(OfAccount::default());
    };
    let ask: Option<Ask> = revision.request.as_deref().and_then(|request| serde_json::from_str(request).ok());
    let secret = match ask.as_ref().and_then(Ask::makes) {
        Some(generation) => account_secret::get(&desk.store, (id, generation)).await?,
        None => None,
    };
    let account = account::get(&desk.store, id).await?;
    // One that a person ended lives on only by a request that says so.
    let is_revoked = account::revoked(&desk.store, &[id]).await?.contains_key(&id);
    Ok(OfAccount {
        password_waits: secret.is_some_and(|secret| ticket_collect::waits(desk, &secret, desk.clock.now())),
        may_live_on: account.is_some_and(|account| {
            account.ticket == Some(row.id)
                && (account.state == AccountState::Active
                    || account.state == AccountState::Locked && !is_revoked)
        }),
    })
}

/// The buttons of this state, in the order they are shown.
fn shown(state: TicketState, has: impl Fn(TicketVerb) -> bool, all: &[ButtonView]) -> Vec<ButtonView> {
    let of = |verb: &TicketVerb| {
        let button = all.iter().find(|button| button.verb == *verb)?;
        Some(ButtonView { form: asked(button.form, state), ..button.clone() })
    };
    offered(state).iter().filter(|verb| has(**verb)).filter_map(of).collect()
}

/// A review kept by another version of this program may not be readable; the ticket still is.
fn judged(id: TicketId, review: &str) -> Judged {
    serde_json::from_str(review).unwrap_or_else(|error| {
        tracing::warn!(ticket = %id, %error, "its review was kept in a form that is not known");
        Judged::default()
    })
}
