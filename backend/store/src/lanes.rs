//! Table `task`, where several tasks do one ticket's work beside each other ([`dbdesk_ticket::spread`]). All lanes of a run carry the
//! number of the one that the ticket names. A lane's end moves the ticket only where it is the last; every change here is made while
//! the ticket's row is locked.

use crate::{
    Error, Tx, cut_over,
    end::{End, state_of, tell_others},
    entry, passed_over, revision,
    run::next,
    service_group,
    task::{self, Made, NewTask, TaskRow},
    ticket::{TicketChange, TicketRow},
};
use dbdesk_cmdb::{GroupId, ServiceGroup, window};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    when::When,
    wire::{
        entry::{Cause, Event, LaneOpened},
        person::Actor,
        task::TaskState,
        ticket::TicketState,
    },
};
use dbdesk_ticket::{
    machine::{Move, TaskEnd},
    spread::Spread,
    task::{MOST_ATTEMPTS, Wish},
};
use std::collections::BTreeSet;

/// Makes the tasks of the lanes that may begin now; gives them with what is told of them. `lead`: the run that they belong to; `None`
/// where it begins with them.
pub(crate) async fn open(
    tx: &mut Tx,
    new: &NewTask,
    spread: &Spread,
    lead: Option<TaskId>,
) -> Result<Option<(TaskId, Vec<LaneOpened>)>, Error> {
    let left = passed_over::left_of(&mut **tx, (new.ticket, new.revision, new.total), None).await?;
    let (mut run, mut opened) = (lead, Vec::new());
    let lanes = spread.lanes(&left);
    let groups = lanes.iter().map(|lane| lane.group).collect();
    let names = service_group::names_of(&mut **tx, &groups).await?;
    for lane in lanes {
        let group = names.get(&lane.group).cloned().unwrap_or_default();
        opened.push(LaneOpened { group, statements: u32::try_from(lane.todo.len()).unwrap_or(u32::MAX) });
        let first = lane.todo.first().copied().unwrap_or(new.total);
        let due_at = quiet(tx, (new.ticket, lane.group), new.due_at).await?;
        let new = NewTask { due_at, ..*new };
        let made = Made { todo: Some(lane.todo), place: Some((lane.group, lane.database)), lane_of: run };
        let id = task::add(tx, &new, first, made).await?;
        run = run.or(Some(id));
    }
    if let Some(lead) = lead {
        cut_over::inherit(tx, lead).await?;
    }
    Ok(run.filter(|_| !opened.is_empty()).map(|run| (run, opened)))
}

/// When a lane of this group may begin that is due at `at`: of a ticket that is for quiet windows in the group's own. One that a DBA runs
/// outside of its ticket's window runs now.
async fn quiet(tx: &mut Tx, (ticket, group): (TicketId, GroupId), at: Time) -> Result<Time, Error> {
    let (when, own, its): (String, String, String) = sqlx::query_as(
        "SELECT k.when_asked, own.spec, its.spec FROM ticket k JOIN service_group own ON own.id = k.service_group_id \
         JOIN service_group its ON its.id = ? WHERE k.id = ?",
    )
    .bind(group.0)
    .bind(ticket.0)
    .fetch_one(&mut **tx)
    .await?;
    if When::of_text(&when) != Some(When::Quiet) {
        return Ok(at);
    }
    let next = |spec: &str| -> Result<Option<Time>, Error> {
        let group: ServiceGroup = serde_json::from_str(spec).map_err(|error| Error::Fault(error.into()))?;
        Ok(window::next(&group.quiet_windows, group.time_zone, at))
    };
    Ok(if next(&own)? == Some(at) { next(&its)?.unwrap_or(at) } else { at })
}

/// Tries a lane again by itself, beside the others.
pub(crate) async fn repeat(
    tx: &mut Tx,
    ticket: &TicketRow,
    row: &TaskRow,
    (new, cause): (&NewTask, Cause),
) -> Result<(), Error> {
    let mut todo = passed_over::left_of(&mut **tx, (new.ticket, new.revision, new.total), None).await?;
    todo.retain(|index| row.todo.as_ref().is_some_and(|own| own.binary_search(index).is_ok()));
    let database = row.database.clone().unwrap_or_else(|| ticket.database.clone());
    let made = Made {
        todo: Some(todo.into_iter().collect()),
        place: Some((row.group, database)),
        lane_of: row.lane_of,
    };
    let first = made.todo.as_ref().and_then(|todo| todo.first().copied()).unwrap_or(row.total);
    let task = task::add(tx, new, first, made).await?;
    if row.wish == Wish::Pause && task::is_held_by_person(tx, row.id).await? {
        task::hold(tx, task).await?;
    }
    let attempt = row.attempt + 1;
    let event = Event::Repeats { attempt, most: MOST_ATTEMPTS, due_at: new.due_at, cause };
    entry::append(tx, ticket, Some(task), &Actor::Desk, new.at, &event, None).await?;
    Ok(())
}

/// A lane has ended; its row says so. Others go on, or stop where they are to at the first failure.
pub(crate) async fn ended(
    tx: &mut Tx,
    ticket: &TicketRow,
    (lead, row): (TaskId, &TaskRow),
    end: &End,
    at: Time,
) -> Result<(), Error> {
    if matches!(end.end, TaskEnd::Failed | TaskEnd::Lost) && !ticket.goes_on {
        task::drop_unclaimed(tx, lead, at).await?;
        task::wish(tx, lead, Wish::Stop).await?;
    }
    let lanes = task::newest_lanes(&mut **tx, lead).await?;
    if lanes.len() > 1 {
        let todo = row.todo.as_deref().unwrap_or_default();
        let total = u32::try_from(todo.len()).unwrap_or(u32::MAX);
        let done = todo.iter().filter(|index| **index < row.done).count();
        let passed_over = passed_over::count(&mut **tx, row.id).await?;
        let done = u32::try_from(done).unwrap_or(u32::MAX).saturating_sub(passed_over);
        let group = service_group::names_of(&mut **tx, &BTreeSet::from([row.group])).await?;
        let group = group.into_values().next().unwrap_or_default();
        let state = ended_as(state_of(end.end));
        let event = Event::LaneEnded { group, state, done, total, cause: end.cause };
        entry::append(tx, ticket, Some(row.id), &Actor::Desk, at, &event, None).await?;
    }
    let cause = if lanes.len() > 1 { Some(Cause::Lanes) } else { end.cause };
    follow(tx, ticket, (lead, &lanes), cause, at).await
}

/// A lane holds or goes on; its row says so. The ticket holds when nothing of it goes any more.
pub(crate) async fn turned(
    tx: &mut Tx,
    ticket: &TicketRow,
    (lead, task): (TaskId, TaskId),
    to: TaskState,
    at: Time,
) -> Result<(), Error> {
    if to == TaskState::Running && ticket.now.state == TicketState::Paused {
        return moves(tx, ticket, task, (Move::TaskResumed, &Event::Resumed), at).await;
    }
    let lanes = task::newest_lanes(&mut **tx, lead).await?;
    follow(tx, ticket, (lead, &lanes), None, at).await
}

/// A person has changed what is wanted of a run: the ticket follows where nothing of it is held by a process that would tell. Of a task
/// that is no lane nothing changes.
pub async fn changed(
    tx: &mut Tx,
    ticket: &TicketRow,
    lead: TaskId,
    cause: Option<Cause>,
    at: Time,
) -> Result<(), Error> {
    let lanes = task::newest_lanes(&mut **tx, lead).await?;
    follow(tx, ticket, (lead, &lanes), cause, at).await
}

async fn follow(
    tx: &mut Tx,
    ticket: &TicketRow,
    (lead, lanes): (TaskId, &[TaskRow]),
    cause: Option<Cause>,
    at: Time,
) -> Result<(), Error> {
    if lanes.iter().any(|lane| !lane.state.is_final()) {
        return holds(tx, ticket, (lead, lanes), at).await;
    }
    let Some(last) = lanes.last() else { return Ok(()) };
    // Who wanted the first table's lane to stop was not heard if its last statement ran: he is now.
    let cancelled = lanes.iter().any(|lane| lane.wish == Wish::Cancel);
    let all_succeeded = lanes.iter().all(|lane| lane.state == TaskState::Succeeded);
    if all_succeeded && !cancelled && open_next(tx, ticket, (lead, last), at).await? {
        return Ok(());
    }
    let left = passed_over::left_of(&mut **tx, (ticket.id, last.revision, last.total), None).await?.len();
    let has = |state| lanes.iter().any(|lane| lane.state == state);
    let end = if has(TaskState::Lost) {
        TaskEnd::Lost
    } else if has(TaskState::Failed) {
        TaskEnd::Failed
    } else if has(TaskState::Cancelled) || (left > 0 && cancelled) {
        TaskEnd::Cancelled
    } else if left > 0 {
        TaskEnd::Failed
    } else {
        TaskEnd::Succeeded
    };
    let state = next(ticket, Move::TaskEnded(end))?;
    let done = last.total.saturating_sub(u32::try_from(left).unwrap_or(u32::MAX));
    let cause = match end {
        TaskEnd::Succeeded => None,
        TaskEnd::Cancelled => Some(Cause::Cancelled),
        _ => cause,
    };
    let event = Event::Ended { state, done, total: last.total, cause };
    moves(tx, ticket, last.id, (Move::TaskEnded(end), &event), at).await?;
    tell_others(tx, ticket, state, at).await
}

/// Nothing of the run goes any more, though not all of it has ended: the ticket holds.
async fn holds(
    tx: &mut Tx,
    ticket: &TicketRow,
    (lead, lanes): (TaskId, &[TaskRow]),
    at: Time,
) -> Result<(), Error> {
    let goes = |lane: &TaskRow| match lane.state {
        TaskState::Running => true,
        TaskState::Waiting | TaskState::Ready => lane.wish != Wish::Pause,
        _ => false,
    };
    if ticket.now.state == TicketState::Running && !lanes.iter().any(goes) {
        moves(tx, ticket, lead, (Move::TaskPaused, &Event::Paused), at).await?;
    }
    Ok(())
}

/// The first table is done: the lanes of all groups begin. `false`: nothing is left.
async fn open_next(
    tx: &mut Tx,
    ticket: &TicketRow,
    (lead, last): (TaskId, &TaskRow),
    at: Time,
) -> Result<bool, Error> {
    let Some(spread) = revision::spread(&mut **tx, ticket.id, last.revision).await? else { return Ok(false) };
    let new = NewTask {
        ticket: ticket.id,
        revision: last.revision,
        total: last.total,
        due_at: at,
        at,
        is_offered: false,
        retry: None,
    };
    let Some((_, lanes)) = open(tx, &new, &spread, Some(lead)).await? else { return Ok(false) };
    let event = Event::LanesOpened { lanes };
    entry::append(tx, ticket, Some(lead), &Actor::Desk, at, &event, None).await?;
    if last.wish == Wish::Pause && task::is_held_by_person(tx, last.id).await? {
        task::hold(tx, lead).await?;
        let lanes = task::newest_lanes(&mut **tx, lead).await?;
        holds(tx, ticket, (lead, &lanes), at).await?;
    }
    Ok(true)
}

async fn moves(
    tx: &mut Tx,
    ticket: &TicketRow,
    task: TaskId,
    (coming, event): (Move, &Event),
    at: Time,
) -> Result<(), Error> {
    let change = TicketChange { state: next(ticket, coming)?, ..ticket.now.clone() };
    entry::moves(tx, ticket, change, Some(task), &Actor::Desk, at, event).await?;
    Ok(())
}

fn ended_as(state: TaskState) -> TicketState {
    match state {
        TaskState::Lost => TicketState::Lost,
        TaskState::Cancelled => TicketState::Cancelled,
        TaskState::Succeeded => TicketState::Done,
        _ => TicketState::Failed,
    }
}
