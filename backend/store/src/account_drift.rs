//! Table `account_drift`: what the accounts of a service group differed in, when they were looked at last.

use crate::{Error, Pool};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{clock::Time, id::TicketId};
use sqlx::mysql::MySqlExecutor;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// Sentences, JSON; `None`: nothing differed.
    pub differences: Option<String>,
    /// Why they could not be looked at.
    pub problem: Option<String>,
    /// The repair that was filed last.
    pub ticket: Option<TicketId>,
}

/// Longest problem that is kept.
const PROBLEM_CHARS: usize = 500;

/// Groups that were not looked at since `before`, those that wait longest first; one that could not be looked at is due again when that was
/// before `failed_before`.
pub async fn due(
    pool: &Pool,
    (before, failed_before): (Time, Time),
    limit: u32,
) -> Result<Vec<GroupId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT g.id FROM service_group g LEFT JOIN account_drift d ON d.service_group_id = g.id \
         WHERE d.looked_at IS NULL OR d.looked_at <= ? OR (d.problem IS NOT NULL AND d.looked_at <= ?) \
         ORDER BY d.looked_at, g.id LIMIT ?",
    )
    .bind(before)
    .bind(failed_before)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(GroupId).collect())
}

/// What was found in this group.
pub async fn get(pool: &Pool, group: GroupId) -> Result<Option<Looked>, Error> {
    let row: Option<(Option<String>, Option<String>, Option<u64>)> = sqlx::query_as(
        "SELECT differences, problem, ticket_id FROM account_drift WHERE service_group_id = ?",
    )
    .bind(group.0)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(differences, problem, ticket)| Looked {
        differences,
        problem,
        ticket: ticket.map(TicketId),
    }))
}

/// Keeps it.
pub async fn put(to: impl MySqlExecutor<'_>, group: GroupId, looked: &Looked, at: Time) -> Result<(), Error> {
    let problem: Option<String> =
        looked.problem.as_ref().map(|text| text.chars().take(PROBLEM_CHARS).collect());
    sqlx::query("REPLACE INTO account_drift (service_group_id, looked_at, differences, problem, ticket_id) VALUES (?, ?, ?, ?, ?)")
        .bind(group.0)
        .bind(at)
        .bind(&looked.differences)
        .bind(problem)
        .bind(looked.ticket.map(|ticket| ticket.0))
        .execute(to)
        .await?;
    Ok(())
}
