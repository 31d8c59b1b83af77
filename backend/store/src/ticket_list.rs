//! Table `ticket`, many at a time.

use crate::{Error, Pool, sight::Sight, ticket::card, within::and_ticket};
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TaskId, TicketId},
    wire::{
        card::CardBehind,
        person::PersonView,
        ticket::{Risk, TicketLine, TicketState},
    },
};
use sqlx::{FromRow, MySql, QueryBuilder};

/// Which tickets. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what this person sees; `None`: all.
    pub sight: Option<Sight>,
    /// Only this requester's.
    pub requester: Option<PersonId>,
    /// Only in these states; empty means in any.
    pub states: Vec<TicketState>,
    /// Only of this service group.
    pub group: Option<GroupId>,
    /// Only of these service groups.
    pub within: Within,
    /// Only those whose number begins with these digits.
    pub prefix: Option<String>,
    /// Only older than this one.
    pub before: Option<TicketId>,
    /// At most so many.
    pub limit: u32,
}

#[derive(FromRow)]
struct Line {
    id: u64,
    state: String,
    group_name: String,
    database_name: String,
    requester_id: u64,
    requester_name: String,
    requester_discord: Option<String>,
    reason: String,
    risk: String,
    created_at: Time,
    task_id: Option<u64>,
    card_channel: Option<String>,
    card_message: Option<String>,
    card_thread: Option<String>,
    told_entry: u64,
}

impl TryFrom<Line> for TicketLine {
    type Error = Error;
    fn try_from(line: Line) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("ticket {} has {what}", line.id));
        Ok(Self {
            id: TicketId(line.id),
            state: TicketState::of_word(&line.state).ok_or_else(|| strange(&line.state))?,
            service_group: line.group_name,
            database: line.database_name,
            requester: PersonView {
                id: PersonId(line.requester_id),
                name: line.requester_name,
                discord_id: line.requester_discord,
            },
            reason: line.reason,
            risk: Risk::of_word(&line.risk).ok_or_else(|| strange(&line.risk))?,
            created_at: line.created_at,
            task: line.task_id.map(TaskId),
            card: card(line.card_channel, line.card_message, line.card_thread, line.told_entry),
        })
    }
}

/// Tickets, newest first.
pub async fn page(pool: &Pool, filter: &Filter) -> Result<Vec<TicketLine>, Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT t.id, t.state, g.name AS group_name, t.database_name, t.requester_id, p.name AS requester_name, \
         p.discord_id AS requester_discord, t.reason, t.risk, t.created_at, t.task_id, t.card_channel, t.card_message, \
         t.card_thread, t.told_entry FROM ticket t JOIN service_group g ON g.id = t.service_group_id \
         JOIN person p ON p.id = t.requester_id WHERE 1 = 1",
    );
    if let Some(sight) = &filter.sight {
        sight.push(&mut query, "t");
    }
    if let Some(requester) = filter.requester {
        query.push(" AND t.requester_id = ").push_bind(requester.0);
    }
    if let Some(group) = filter.group {
        query.push(" AND t.service_group_id = ").push_bind(group.0);
    }
    and_ticket(&mut query, "t", &filter.within);
    if let Some(prefix) = &filter.prefix {
        query.push(" AND LOCATE(").push_bind(prefix).push(", CAST(t.id AS CHAR)) = 1");
    }
    if let Some(before) = filter.before {
        query.push(" AND t.id < ").push_bind(before.0);
    }
    if !filter.states.is_empty() {
        query.push(" AND t.state IN (");
        let mut list = query.separated(", ");
        for state in &filter.states {
            list.push_bind(state.word());
        }
        query.push(")");
    }
    query.push(" ORDER BY t.id DESC LIMIT ").push_bind(filter.limit);
    let lines: Vec<Line> = query.build_query_as().fetch_all(pool).await?;
    lines.into_iter().map(TicketLine::try_from).collect()
}

#[derive(FromRow)]
struct Behind {
    id: u64,
    card_channel: Option<String>,
    card_message: Option<String>,
    card_thread: Option<String>,
    told_entry: u64,
    last_entry: u64,
}

/// Tickets whose log is ahead of what chat was told, those waiting longest first.
pub async fn behind(pool: &Pool, limit: u32) -> Result<Vec<CardBehind>, Error> {
    let rows: Vec<Behind> = sqlx::query_as(
        "SELECT id, card_channel, card_message, card_thread, told_entry, last_entry FROM ticket WHERE behind = 1 \
         ORDER BY last_entry LIMIT ?",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| CardBehind {
            ticket: TicketId(row.id),
            card: card(row.card_channel, row.card_message, row.card_thread, row.told_entry),
            last_entry: row.last_entry,
        })
        .collect())
}
