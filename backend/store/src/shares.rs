//! Tables `task` and `passed_over`: how much of the work of tickets on several service groups each group has done.

use crate::{Error, Pool, passed_over, revision::spread_of, service_group};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    id::TicketId,
    wire::{task::TaskState, ticket::Share, waits::Waits},
};
use dbdesk_ticket::spread::Spread;
use sqlx::{FromRow, MySql, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};

#[derive(FromRow)]
struct Task {
    id: u64,
    ticket_id: u64,
    service_group_id: u64,
    state: String,
    done: u32,
    todo: Option<String>,
    lane_of: Option<u64>,
    retry_of: Option<u64>,
    waits: Option<String>,
}

/// What each service group has of the statements of these tickets, by its name; nothing of those on one group. So many queries
/// whatever the number of tickets.
pub async fn of(pool: &Pool, tickets: &BTreeSet<TicketId>) -> Result<BTreeMap<TicketId, Vec<Share>>, Error> {
    if tickets.is_empty() {
        return Ok(BTreeMap::new());
    }
    let texts: Vec<(u64, String)> = among(
        "SELECT t.id, r.spread FROM ticket t JOIN ticket_revision r ON r.ticket_id = t.id AND r.revision = t.revision \
         WHERE r.spread IS NOT NULL AND t.id IN (",
        tickets,
    )
    .build_query_as()
    .fetch_all(pool)
    .await?;
    let mut spreads = BTreeMap::new();
    for (ticket, text) in texts {
        spreads.extend(spread_of(Some(&text))?.map(|spread| (ticket, spread)));
    }
    let tasks: Vec<Task> = among(
        "SELECT k.id, k.ticket_id, k.service_group_id, k.state, k.done, k.todo, k.lane_of, k.retry_of, k.waits FROM task k \
         JOIN ticket t ON t.id = k.ticket_id AND t.revision = k.revision WHERE t.id IN (",
        tickets,
    )
    .build_query_as()
    .fetch_all(pool)
    .await?;
    let over: Vec<(u64, u32)> = among(
        "SELECT p.task_id, p.statement FROM task k JOIN passed_over p ON p.task_id = k.id WHERE k.ticket_id IN (",
        tickets,
    )
    .build_query_as()
    .fetch_all(pool)
    .await?;
    let over = over.into_iter().collect();
    let groups = spreads.values().flat_map(|spread| spread.shards.iter().map(|shard| shard.group));
    let names = service_group::names_of(pool, &groups.collect()).await?;
    let mut own: BTreeMap<u64, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        own.entry(task.ticket_id).or_default().push(task);
    }
    let mut shares = BTreeMap::new();
    for (ticket, spread) in &spreads {
        let tasks = own.get(ticket).map_or(&[][..], Vec::as_slice);
        shares.insert(TicketId(*ticket), dealt(spread, tasks, &over, &names)?);
    }
    Ok(shares)
}

fn among(head: &str, tickets: &BTreeSet<TicketId>) -> QueryBuilder<MySql> {
    let mut query = QueryBuilder::new(head);
    let mut list = query.separated(", ");
    for ticket in tickets {
        list.push_bind(ticket.0);
    }
    query.push(")");
    query
}

fn dealt(
    spread: &Spread,
    tasks: &[Task],
    over: &BTreeSet<(u64, u32)>,
    names: &BTreeMap<GroupId, String>,
) -> Result<Vec<Share>, Error> {
    let mut ran = BTreeSet::new();
    for task in tasks {
        ran.extend(passed_over::ran((task.id, task.done, task.todo.as_deref()), over)?);
    }
    let mut counts: BTreeMap<GroupId, (u32, u32)> = BTreeMap::new();
    for (index, group) in spread.groups() {
        let (done, total) = counts.entry(group).or_default();
        *total += 1;
        *done += u32::from(ran.contains(&index));
    }
    let share = |(group, (done, total)): (GroupId, (u32, u32))| {
        let newest = newest(tasks, group)?;
        let (state, waits) = newest.unzip();
        let service_group = names.get(&group).cloned().unwrap_or_default();
        Ok(Share { service_group, done, total, state, waits: waits.flatten() })
    };
    let mut shares: Vec<Share> = counts.into_iter().map(share).collect::<Result<_, Error>>()?;
    shares.sort_by(|one, other| one.service_group.cmp(&other.service_group));
    Ok(shares)
}

/// How the tasks of a group's newest run stand: the one that needs a person most. One that was tried again by itself is left out.
fn newest(tasks: &[Task], group: GroupId) -> Result<Option<(TaskState, Option<Waits>)>, Error> {
    let run_of = |task: &Task| task.lane_of.unwrap_or(task.id);
    let own = || tasks.iter().filter(|task| task.service_group_id == group.0);
    let newest = own().map(run_of).max();
    let again: BTreeSet<u64> = own().filter_map(|task| task.retry_of).collect();
    let mut states = Vec::new();
    for task in own().filter(|task| Some(run_of(task)) == newest && !again.contains(&task.id)) {
        let strange = || Error::strange(format!("task {} has {}", task.id, task.state));
        let state = TaskState::of_word(&task.state).ok_or_else(strange)?;
        let waits = task.waits.as_deref().filter(|_| state == TaskState::Ready);
        let waits = waits.map(serde_json::from_str).transpose();
        states.push((state, waits.map_err(|error| Error::Fault(error.into()))?));
    }
    Ok(states.into_iter().min_by_key(|(state, _)| state.need()))
}
