//! Table `cluster_build`: which ticket builds a group, and the account that is asked for once it has.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    id::{PersonId, TicketId},
    wire::ticket::TicketState,
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// A group that is built, or was, and the ticket that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRow {
    /// The group.
    pub group: GroupId,
    /// The ticket.
    pub ticket: TicketId,
    /// Where that stands.
    pub state: TicketState,
    /// Whether a process began with it.
    pub began: bool,
    /// Whether another ticket has taken it back.
    pub taken_back: bool,
    /// The account, JSON, as long as it was not asked for.
    pub account: Option<String>,
}

#[derive(FromRow)]
struct Row {
    service_group_id: u64,
    ticket_id: u64,
    state: String,
    began: i64,
    taken_back: i64,
    account: Option<String>,
}

impl TryFrom<Row> for BuildRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let state = TicketState::of_word(&row.state);
        let state = state.ok_or_else(|| Error::strange(format!("a ticket in the state {}", row.state)))?;
        Ok(Self {
            group: GroupId(row.service_group_id),
            ticket: TicketId(row.ticket_id),
            state,
            began: row.began != 0,
            taken_back: row.taken_back != 0,
            account: row.account,
        })
    }
}

const SELECT: &str = "SELECT b.service_group_id, b.ticket_id, t.state, \
     CAST(EXISTS (SELECT 1 FROM task k WHERE k.ticket_id = t.id AND k.started_at IS NOT NULL) AS SIGNED) AS began, \
     CAST(EXISTS (SELECT 1 FROM ticket o WHERE o.takes_back = t.id AND o.state = 'done') AS SIGNED) AS taken_back, \
     IF(b.wants_account, b.account, NULL) AS account \
     FROM cluster_build b JOIN service_group g ON g.id = b.service_group_id JOIN ticket t ON t.id = b.ticket_id ";

/// Waits until nobody else files a cluster: two who want the same address would both find it free. Held until the transaction ends.
pub async fn only_filer(tx: &mut Tx) -> Result<(), Error> {
    sqlx::query("SELECT id FROM cluster_filing WHERE id = 1 FOR UPDATE").fetch_optional(&mut **tx).await?;
    Ok(())
}

/// Notes that this ticket builds the group, and which account is asked for then (JSON).
pub async fn insert(
    tx: &mut Tx,
    (group, ticket): (GroupId, TicketId),
    account: Option<&str>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO cluster_build (service_group_id, ticket_id, account, wants_account) VALUES (?, ?, ?, ?)",
    )
    .bind(group.0)
    .bind(ticket.0)
    .bind(account)
    .bind(account.is_some())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The ticket that builds this group.
pub async fn ticket_of(from: impl MySqlExecutor<'_>, group: GroupId) -> Result<Option<TicketId>, Error> {
    let id: Option<u64> =
        sqlx::query_scalar("SELECT ticket_id FROM cluster_build WHERE service_group_id = ?")
            .bind(group.0)
            .fetch_optional(from)
            .await?;
    Ok(id.map(TicketId))
}

/// Groups that are being built by somebody's tickets.
pub async fn open_of(from: impl MySqlExecutor<'_>, person: PersonId) -> Result<u64, Error> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM service_group g JOIN cluster_build b ON b.service_group_id = g.id JOIN ticket t ON t.id = b.ticket_id \
         WHERE g.stage = 'building' AND t.requester_id = ?",
    )
    .bind(person.0)
    .fetch_one(from)
    .await?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Those whose ticket may have come to an end that somebody has to see to: groups that are still being built, and accounts that wait.
pub async fn waiting(pool: &Pool, most: u32) -> Result<Vec<BuildRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new(SELECT);
    query.push(
        "WHERE g.stage = 'building' AND (t.state IN ('rejected', 'withdrawn') \
         OR EXISTS (SELECT 1 FROM ticket o WHERE o.takes_back = t.id AND o.state = 'done') \
         OR t.state IN ('cancelled', 'failed') AND NOT EXISTS (SELECT 1 FROM task k WHERE k.ticket_id = t.id AND k.started_at IS NOT NULL)) \
         UNION ",
    );
    query
        .push(SELECT)
        .push("WHERE b.wants_account = 1 AND t.state = 'done' AND g.stage = 'in_service' LIMIT ");
    query.push_bind(most);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(BuildRow::try_from).collect()
}

/// One of them, whose row is locked.
pub async fn lock(tx: &mut Tx, group: GroupId) -> Result<Option<BuildRow>, Error> {
    sqlx::query("SELECT ticket_id FROM cluster_build WHERE service_group_id = ? FOR UPDATE")
        .bind(group.0)
        .fetch_optional(&mut **tx)
        .await?;
    let mut query = QueryBuilder::<MySql>::new(SELECT);
    query.push("WHERE b.service_group_id = ").push_bind(group.0);
    let row: Option<Row> = query.build_query_as().fetch_optional(&mut **tx).await?;
    row.map(BuildRow::try_from).transpose()
}

/// Its account was asked for, or can not be.
pub async fn account_asked(tx: &mut Tx, group: GroupId) -> Result<(), Error> {
    sqlx::query("UPDATE cluster_build SET wants_account = 0 WHERE service_group_id = ?")
        .bind(group.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
