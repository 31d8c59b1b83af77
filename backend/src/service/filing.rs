//! What a schedule does when it is due: a ticket is filed in its owner's name, reviewed like any other. Done by control, where time
//! is seen to, through a desk of its own: neither needs `serve` to be up.
//!
//! A due time is filed once, whatever happens: the ticket and the schedule's next time are written in one transaction, guarded by the
//! version of the schedule that was read.

use super::{
    Failure,
    reviewing::{database, review},
    schedule_add::run_sql,
    ticket_submit::{Filing, file},
};
use crate::desk::Desk;
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    id::{PersonId, ScheduleId, TicketId},
    lang::{Said, said},
    when::When,
    wire::{
        entry::Event,
        person::Actor,
        problem::{Code, Refusal},
        schedule::ScheduleState,
    },
};
use dbdesk_schedule::cron::{Due, Missed};
use dbdesk_store::{
    Error, begin, entry,
    person::{self, Person},
    schedule::{self, Problem, ScheduleChange, ScheduleRow},
    service_group::{self, GroupRow},
    ticket,
};

/// Most that one round files.
const BATCH: u32 = 20;
/// After so many runs in a row that filed nothing a schedule pauses itself.
const PATIENCE: u32 = 3;

/// Files what is due; gives the tickets whose log grew.
pub async fn file_due(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let mut told = Vec::new();
    for id in schedule::due(&desk.store, desk.clock.now(), BATCH).await? {
        match file_one(desk, id).await {
            Ok(ticket) => told.extend(ticket),
            // Somebody else did it in the same moment.
            Err(Failure::Store(Error::Conflict)) => {}
            Err(error @ Failure::Store(Error::Retry(_))) => return Err(error),
            // One that can not be filed does not keep the others.
            Err(error) => {
                tracing::error!(schedule = %id, ?error, "a schedule could not be filed; it is tried again");
            }
        }
    }
    Ok(told)
}

async fn file_one(desk: &Desk, id: ScheduleId) -> Result<Option<TicketId>, Failure> {
    let Some(row) = schedule::get(&desk.store, id).await? else { return Ok(None) };
    let now = desk.clock.now();
    let Some(first) = row.now.next_at.filter(|due| row.now.state == ScheduleState::Active && *due <= now)
    else {
        return Ok(None);
    };
    let due = Due::parse(&row.what.cron, &row.what.time_zone)
        .map_err(|said| anyhow::anyhow!("{id} has a cron expression that can not be read: {}", said.en))?;
    let missed = due.missed(first, now);
    if let Some(before) = still_open(desk, &row).await? {
        return told(desk, &row, &missed, before).await.map(Some);
    }
    match filed(desk, &row, &due, &missed).await {
        // Too many reviews at this moment say nothing about this schedule: it is tried again.
        Err(Failure::Refused(refusal)) if refusal.code != Code::TooMany => {
            problem(desk, &row, &missed, refusal).await.map(|()| None)
        }
        filed => filed.map(Some),
    }
}

/// The ticket that it filed before, where that has not ended.
async fn still_open(desk: &Desk, row: &ScheduleRow) -> Result<Option<TicketId>, Failure> {
    let Some(before) = row.now.last_ticket else { return Ok(None) };
    let open = ticket::get(&desk.store, before).await?.is_some_and(|ticket| !ticket.now.state.is_final());
    Ok(open.then_some(before))
}

/// Nothing is filed; the ticket before says that it was due again.
async fn told(
    desk: &Desk,
    row: &ScheduleRow,
    missed: &Missed,
    before: TicketId,
) -> Result<TicketId, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let ticket = ticket::lock(&mut tx, before).await?;
    let ticket = ticket.ok_or_else(|| anyhow::anyhow!("{before} is gone"))?;
    schedule::change(&mut tx, row, after(row, missed), now).await?;
    let event = Event::ScheduleDue { name: row.what.name.clone(), due_at: missed.latest };
    entry::append(&mut tx, &ticket, None, &Actor::Desk, now, &event, None).await?;
    desk.commit(tx).await?;
    desk.changed(before);
    Ok(before)
}

/// Reviews and files it.
async fn filed(desk: &Desk, row: &ScheduleRow, due: &Due, missed: &Missed) -> Result<TicketId, Failure> {
    let what = &row.what;
    let owner = owner(desk, what.owner).await?;
    let group = place(desk, what.group, &what.database).await?;
    let sql = run_sql(desk, (&group.group, &what.database), &what.sql, (due, missed.latest)).await?;
    let reviewed = review(desk, &Within::All, &sql, Some(&group.group), Some(&what.database)).await?;
    let now = desk.clock.now();
    let told = Event::FiledBySchedule {
        id: row.id,
        name: what.name.clone(),
        due_at: missed.latest,
        missed: missed.before,
    };
    let filing = Filing {
        group: &group,
        database: what.database.clone(),
        requester: &owner,
        reason: what.reason.clone(),
        lang: what.lang,
        when: When::Now,
        schedule: Some((row.id, told)),
        takes_back: None,
        account: None,
        goes_on: false,
        told: None,
        sql: &sql,
        reviewed: &reviewed,
    };
    let mut tx = begin(&desk.store).await?;
    // First: who comes second waits here, and then finds another version.
    let row = schedule::change(&mut tx, row, after(row, missed), now).await?;
    let ticket = file(desk, &mut tx, filing, now).await?;
    let change = ScheduleChange { last_ticket: Some(ticket.id), ..row.now.clone() };
    schedule::change(&mut tx, &row, change, now).await?;
    desk.commit(tx).await?;
    desk.offer(&ticket, now).await;
    desk.changed(ticket.id);
    Ok(ticket.id)
}

/// After a run that went as it should.
fn after(row: &ScheduleRow, missed: &Missed) -> ScheduleChange {
    ScheduleChange {
        next_at: missed.next,
        last_at: Some(missed.latest),
        last_problem: None,
        ..row.now.clone()
    }
}

/// Keeps why nothing was filed. The third time in a row it pauses itself.
async fn problem(desk: &Desk, row: &ScheduleRow, missed: &Missed, refusal: Refusal) -> Result<(), Failure> {
    let in_a_row = row.now.last_problem.as_ref().map_or(0, |problem| problem.in_a_row).saturating_add(1);
    let pauses = in_a_row >= PATIENCE;
    let said = if pauses { gave_up(refusal.said) } else { refusal.said };
    tracing::warn!(schedule = %row.id, in_a_row, problem = %said.en, "a schedule filed nothing");
    let change = ScheduleChange {
        state: if pauses { ScheduleState::Paused } else { ScheduleState::Active },
        next_at: missed.next.filter(|_| !pauses),
        last_problem: Some(Problem { said, in_a_row }),
        ..after(row, missed)
    };
    let mut tx = begin(&desk.store).await?;
    schedule::change(&mut tx, row, change, desk.clock.now()).await?;
    Ok(desk.commit(tx).await?)
}

fn gave_up(why: Said) -> Said {
    let Said { en, zh } = why;
    said!(
        "{en} It has paused itself after {PATIENCE} runs that filed nothing; `/schedule resume` lets it go on.",
        "{zh}连续 {PATIENCE} 次没有提交成功，已自动暂停；可以用 `/schedule resume` 恢复。"
    )
}

/// The owner, as long as he is somebody here.
async fn owner(desk: &Desk, id: PersonId) -> Result<Person, Failure> {
    let person = person::by_id(&desk.store, id).await?;
    let person = person.filter(|person| !person.roles.is_empty());
    person.ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            said!(
                "Its owner is not at the desk any more. Somebody else has to add it anew.",
                "它的创建者已不在工单台。请由其他人重新创建。"
            ),
        )
        .into()
    })
}

/// Its group and database, as long as the inventory has them.
async fn place(desk: &Desk, id: GroupId, name: &str) -> Result<GroupRow, Failure> {
    let group = service_group::by_id(&desk.store, id).await?.ok_or_else(|| {
        Refusal::new(
            Code::UnknownGroup,
            said!(
                "Its service group is not in the inventory any more. Remove the schedule, or ask a DBA to load the group again.",
                "它的服务组已不在清单里。请删除这个周期工单，或请 DBA 重新加载该服务组。"
            ),
        )
    })?;
    database(&group.group, name)?;
    Ok(group)
}
