//! Tables `ticket_step` and `approval`: who must approve a revision, and who has.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{EmergencyId, PersonId, TicketId},
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// A step of a revision.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StepRow {
    /// The group of approvers.
    pub approvers: String,
    /// How many of it.
    pub needs: u8,
    /// The rule of policy that says so; `None` where none fitted.
    pub rule: Option<String>,
}

/// An approval that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRow {
    /// By whom.
    pub by: PersonId,
    /// For whom he stood in.
    pub stood_in_for: Option<PersonId>,
    /// At which step, from 0.
    pub step: u8,
    /// On the SQL with this SHA-256, hex.
    pub sql_hash: String,
    /// In which emergency.
    pub emergency: Option<EmergencyId>,
    /// When.
    pub at: Time,
}

/// Writes the steps of a revision, in order.
pub async fn put_steps(tx: &mut Tx, of: (TicketId, u32), steps: &[StepRow]) -> Result<(), Error> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "INSERT INTO ticket_step (ticket_id, revision, step, approvers, needs, rule) ",
    );
    query.push_values((0_u8..).zip(steps), |mut row, (at, step)| {
        row.push_bind(of.0.0)
            .push_bind(of.1)
            .push_bind(at)
            .push_bind(&step.approvers)
            .push_bind(step.needs)
            .push_bind(&step.rule);
    });
    query.build().execute(&mut **tx).await?;
    Ok(())
}

/// The steps of a revision, in order; none where it was filed before there were any.
pub async fn steps(from: impl MySqlExecutor<'_>, of: (TicketId, u32)) -> Result<Vec<StepRow>, Error> {
    Ok(sqlx::query_as(
        "SELECT approvers, needs, rule FROM ticket_step WHERE ticket_id = ? AND revision = ? ORDER BY step",
    )
    .bind(of.0.0)
    .bind(of.1)
    .fetch_all(from)
    .await?)
}

#[derive(FromRow)]
struct Row {
    person_id: u64,
    stood_in_for: Option<u64>,
    step: u8,
    sql_hash: String,
    emergency_id: Option<u64>,
    at: Time,
}

/// The approvals of a revision that were given after `since`, in order: older ones have lapsed.
pub async fn given(
    from: impl MySqlExecutor<'_>,
    of: (TicketId, u32),
    since: Time,
) -> Result<Vec<ApprovalRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT person_id, stood_in_for, step, sql_hash, emergency_id, at FROM approval \
         WHERE ticket_id = ? AND revision = ? AND at > ? ORDER BY at, person_id",
    )
    .bind(of.0.0)
    .bind(of.1)
    .bind(since)
    .fetch_all(from)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ApprovalRow {
            by: PersonId(row.person_id),
            stood_in_for: row.stood_in_for.map(PersonId),
            step: row.step,
            sql_hash: row.sql_hash,
            emergency: row.emergency_id.map(EmergencyId),
            at: row.at,
        })
        .collect())
}

/// Gives one, in the place of an older one of the same person that has lapsed.
pub async fn give(tx: &mut Tx, of: (TicketId, u32), one: &ApprovalRow) -> Result<(), Error> {
    sqlx::query(
        "REPLACE INTO approval (ticket_id, revision, person_id, stood_in_for, step, sql_hash, emergency_id, at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(of.0.0)
    .bind(of.1)
    .bind(one.by.0)
    .bind(one.stood_in_for.map(|person| person.0))
    .bind(one.step)
    .bind(&one.sql_hash)
    .bind(one.emergency.map(|emergency| emergency.0))
    .bind(one.at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes all approvals of a ticket back. Its log still says that they were given.
pub async fn void(tx: &mut Tx, ticket: TicketId) -> Result<(), Error> {
    sqlx::query("DELETE FROM approval WHERE ticket_id = ?").bind(ticket.0).execute(&mut **tx).await?;
    Ok(())
}

/// Tickets that wait for more approvals and have one that was given before `since`.
pub async fn lapsed(pool: &Pool, since: Time, limit: u32) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT DISTINCT a.ticket_id FROM approval a JOIN ticket t ON t.id = a.ticket_id AND t.revision = a.revision \
         WHERE a.at <= ? AND t.state = 'awaiting_approval' ORDER BY a.ticket_id LIMIT ?",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// Takes those of a ticket back that were given before `since`; gives whose.
pub async fn lapse(tx: &mut Tx, of: (TicketId, u32), since: Time) -> Result<Vec<PersonId>, Error> {
    let people: Vec<u64> = sqlx::query_scalar(
        "SELECT person_id FROM approval WHERE ticket_id = ? AND revision = ? AND at <= ? FOR UPDATE",
    )
    .bind(of.0.0)
    .bind(of.1)
    .bind(since)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query("DELETE FROM approval WHERE ticket_id = ? AND revision = ? AND at <= ?")
        .bind(of.0.0)
        .bind(of.1)
        .bind(since)
        .execute(&mut **tx)
        .await?;
    Ok(people.into_iter().map(PersonId).collect())
}
