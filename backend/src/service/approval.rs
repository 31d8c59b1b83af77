//! A ticket may run: when, until when, and the task that will do it.

use super::{Failure, content::no_window, refuse::local, reviewing::Reviewed};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_cmdb::{ServiceGroup, calendar, window};
use dbdesk_commands::{
    clock::Time,
    id::{EmergencyId, PersonId},
    lang::said,
    when::When,
    wire::{
        entry::Event,
        person::{Actor, PersonView},
        problem::{Code, Refusal},
        ticket::TicketState,
    },
};
use dbdesk_store::{
    Tx, entry,
    task::{self, NewTask},
    ticket::{self, TicketChange, TicketRow},
};

/// A time that passed by less still counts as now: people type whole minutes.
const LATE: TimeDelta = TimeDelta::minutes(1);

/// Who lets it run, and what.
pub(super) struct Approval {
    pub(super) by: Actor,
    pub(super) due_at: Time,
    pub(super) sql_hash: String,
    pub(super) statements: u32,
    /// Policy put it off.
    pub(super) waits_for_quiet: bool,
    /// For whom the one who approves stood in.
    pub(super) stood_in_for: Option<PersonView>,
    /// In which emergency he decided alone.
    pub(super) emergency: Option<EmergencyId>,
}

impl Approval {
    /// By policy: at the time asked for. What keeps the server busy waits for the quiet window after that, where the group has
    /// any; nobody looked at it who could say that it may start at a busy time.
    pub(super) fn by_policy(
        reviewed: &Reviewed,
        when: When,
        group: &ServiceGroup,
        now: Time,
    ) -> Result<Self, Refusal> {
        let asked = due_at(when, group, now)?;
        let busy = Some(asked).filter(|_| reviewed.judged.keeps_busy());
        let quiet = busy.and_then(|asked| quiet(group, asked));
        // Never after its own window.
        let due_at = quiet.filter(|quiet| ends(when).is_none_or(|end| *quiet < end)).unwrap_or(asked);
        Ok(Self {
            by: Actor::Policy,
            due_at,
            sql_hash: reviewed.sql_hash.clone(),
            statements: reviewed.statements(),
            waits_for_quiet: due_at > asked,
            stood_in_for: None,
            emergency: None,
        })
    }
}

/// When it will start: at the time asked for, or when the peak hours end that are on then. A time or a window that has passed is
/// refused, and so is a window that the peak hours leave no time in. Whether it is frozen is seen when its time has come.
pub(super) fn due_at(when: When, group: &ServiceGroup, now: Time) -> Result<Time, Refusal> {
    let open = |at| calendar::after_peak(group, at).unwrap_or(at);
    match when {
        When::Now => Ok(open(now)),
        When::Quiet => quiet(group, now).ok_or_else(|| no_window(group)),
        When::At(at) if at < now - LATE => Err(passed(at, group)),
        When::Between { to, .. } if to <= now => Err(passed(to, group)),
        When::At(at) => Ok(open(at.max(now))),
        When::Between { from, to } => {
            Some(open(from.max(now))).filter(|due_at| *due_at < to).ok_or_else(|| busy(to, group))
        }
    }
}

/// The first moment of a quiet window that is not in peak hours too.
fn quiet(group: &ServiceGroup, now: Time) -> Option<Time> {
    /// Windows that are looked at.
    const MOST: usize = 64;
    let mut at = window::next(&group.quiet_windows, group.time_zone, now)?;
    for _ in 0..MOST {
        let open = calendar::after_peak(group, at)?;
        let quiet = window::next(&group.quiet_windows, group.time_zone, open)?;
        if quiet == at {
            return Some(at);
        }
        at = quiet;
    }
    Some(at)
}

fn passed(at: Time, group: &ServiceGroup) -> Refusal {
    Refusal::new(
        Code::Invalid,
        said!(
            "The time asked for, {at}, has passed, and work never runs late by itself. The requester can amend the ticket with a new \
             time.",
            "申请的执行时间 {at} 已经过了，系统不会自动延后执行。请提交人修改工单，换一个新时间。",
            at = local(at, group)
        ),
    )
}

fn busy(to: Time, group: &ServiceGroup) -> Refusal {
    Refusal::new(
        Code::Closed,
        said!(
            "The peak hours of “{name}” leave no time in the window asked for, which ends at {to}. The requester can amend the \
             ticket with another window.",
            "服务组“{name}”的业务高峰覆盖了申请的时间窗口（到 {to} 为止），无法执行。请提交人修改工单，换一个时间窗口。",
            name = group.name,
            to = local(to, group)
        ),
    )
}

/// Makes the task, moves the ticket, and writes it to the log.
pub(super) async fn schedule(
    desk: &Desk,
    tx: &mut Tx,
    row: &TicketRow,
    state: TicketState,
    approval: Approval,
    now: Time,
) -> Result<TicketRow, Failure> {
    let Approval { by, due_at, sql_hash, statements, waits_for_quiet, stood_in_for, emergency } = approval;
    let new = NewTask {
        ticket: row.id,
        revision: row.now.revision,
        total: statements,
        due_at,
        at: now,
        is_offered: true,
        retry: None,
    };
    let task = task::insert(tx, &new).await?;
    let decided_by: Option<PersonId> = match &by {
        Actor::Person(person) => Some(person.id),
        Actor::Policy | Actor::Desk => None,
    };
    let change = TicketChange {
        state,
        due_at: Some(due_at),
        decided_by,
        approved_by_policy: by == Actor::Policy,
        decision_reason: None,
        approved_hash: Some(sql_hash),
        approval_expires_at: Some(expires_at(desk, row.now.when, due_at, now)),
        task: Some(task),
        ..row.now.clone()
    };
    let moved = (row.now.state != state).then_some((row.now.state, state));
    let row = ticket::move_to(tx, row, change, now).await?;
    let event = Event::Approved { by: by.clone(), due_at, waits_for_quiet, stood_in_for, emergency };
    entry::append(tx, &row, Some(task), &by, now, &event, moved).await?;
    Ok(row)
}

/// When an approval ends that was not used: after so many hours, and with the ticket's own window.
pub(super) fn expires_at(desk: &Desk, when: When, due_at: Time, now: Time) -> Time {
    let end = due_at.max(now) + TimeDelta::hours(i64::from(desk.config.policy.approval_hours));
    ends(when).filter(|window| now < *window).map_or(end, |window| end.min(window))
}

/// The end of the ticket's own window.
fn ends(when: When) -> Option<Time> {
    match when {
        When::Between { to, .. } => Some(to),
        When::Now | When::At(_) | When::Quiet => None,
    }
}
