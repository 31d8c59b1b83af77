//! Table `account`: what the desk gave on the servers of service groups.

use crate::{Error, Pool, Tx, person::DESK, run::Lease, sight::Sight, within::and_group};
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, PersonId, TicketId},
    wire::account::AccountState,
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::BTreeMap;

/// An account's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Its number.
    pub id: AccountId,
    /// Grows with each change.
    pub version: u64,
    /// On which service group.
    pub group: GroupId,
    /// What its user begins with.
    pub user: String,
    /// In which database.
    pub database: String,
    /// What it is, JSON.
    pub spec: String,
    /// The application that it is for.
    pub application: Option<String>,
    /// Who asked for it.
    pub owner: PersonId,
    /// His team then.
    pub team: Option<String>,
    /// Where it stands.
    pub state: AccountState,
    /// The ticket that asked for it.
    pub ticket: Option<TicketId>,
    /// When it ends.
    pub expires_at: Time,
    /// The password before the last one goes on until then.
    pub old_until: Option<Time>,
    /// Of so many days before its end was told last.
    pub warned: Option<u16>,
    /// When it was locked or dropped.
    pub ended_at: Option<Time>,
    /// When it was asked for.
    pub created_at: Time,
    /// For how many seconds it was asked for.
    pub granted_s: u32,
    /// How often what is due of it was filed since it last changed.
    pub looks: u16,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    version: u64,
    service_group_id: u64,
    user_name: String,
    database_name: String,
    spec: String,
    application: Option<String>,
    owner_id: u64,
    team: Option<String>,
    state: String,
    ticket_id: Option<u64>,
    expires_at: Time,
    old_until: Option<Time>,
    warned: Option<u16>,
    ended_at: Option<Time>,
    created_at: Time,
    granted_s: u32,
    looks: u16,
}

impl TryFrom<Row> for AccountRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let state = AccountState::of_word(&row.state);
        let state = state.ok_or_else(|| Error::strange(format!("account {} is {}", row.id, row.state)))?;
        Ok(Self {
            id: AccountId(row.id),
            version: row.version,
            group: GroupId(row.service_group_id),
            user: row.user_name,
            database: row.database_name,
            spec: row.spec,
            application: row.application,
            owner: PersonId(row.owner_id),
            team: row.team,
            state,
            ticket: row.ticket_id.map(TicketId),
            expires_at: row.expires_at,
            old_until: row.old_until,
            warned: row.warned,
            ended_at: row.ended_at,
            created_at: row.created_at,
            granted_s: row.granted_s,
            looks: row.looks,
        })
    }
}

/// The most that one look brings.
pub const MOST: u32 = 1_000;

/// The account with this number.
pub async fn get(from: impl MySqlExecutor<'_>, id: AccountId) -> Result<Option<AccountRow>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM account WHERE id = ?").bind(id.0).fetch_optional(from).await?;
    row.map(AccountRow::try_from).transpose()
}

/// The same, locked.
pub async fn lock(tx: &mut Tx, id: AccountId) -> Result<Option<AccountRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM account WHERE id = ? FOR UPDATE")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(AccountRow::try_from).transpose()
}

/// The account of this user on this group, locked.
pub async fn lock_named(tx: &mut Tx, group: GroupId, user: &str) -> Result<Option<AccountRow>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM account WHERE service_group_id = ? AND user_name = ? FOR UPDATE")
            .bind(group.0)
            .bind(user)
            .fetch_optional(&mut **tx)
            .await?;
    row.map(AccountRow::try_from).transpose()
}

/// An account that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// On which service group.
    pub group: GroupId,
    /// What its user begins with.
    pub user: String,
    /// In which database.
    pub database: String,
    /// The application that it is for.
    pub application: Option<String>,
    /// Who asks for it.
    pub owner: PersonId,
    /// His team.
    pub team: Option<String>,
    /// When it ends.
    pub expires_at: Time,
}

/// Writes one down, or takes the row of one of this name that is gone or never came to be. Its spec follows by [`asked`].
pub async fn insert(tx: &mut Tx, new: &NewAccount, at: Time) -> Result<AccountId, Error> {
    if let Some(before) = lock_named(tx, new.group, &new.user).await? {
        sqlx::query("DELETE FROM account WHERE id = ?").bind(before.id.0).execute(&mut **tx).await?;
        sqlx::query("DELETE FROM account_secret WHERE account_id = ?")
            .bind(before.id.0)
            .execute(&mut **tx)
            .await?;
    }
    let made = sqlx::query(
        "INSERT INTO account (service_group_id, user_name, database_name, spec, application, owner_id, team, state, expires_at, \
         granted_s, created_at, updated_at) VALUES (?, ?, ?, '', ?, ?, ?, 'asked', ?, ?, ?, ?)",
    )
    .bind(new.group.0)
    .bind(&new.user)
    .bind(&new.database)
    .bind(&new.application)
    .bind(new.owner.0)
    .bind(&new.team)
    .bind(new.expires_at)
    .bind(u32::try_from((new.expires_at - at).num_seconds()).unwrap_or_default())
    .bind(at)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(AccountId(made.last_insert_id()))
}

/// Notes what it is to be, and the ticket that asks for it.
pub async fn asked(tx: &mut Tx, id: AccountId, spec: &str, ticket: TicketId) -> Result<(), Error> {
    sqlx::query("UPDATE account SET spec = ?, ticket_id = ? WHERE id = ?")
        .bind(spec)
        .bind(ticket.0)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What a task has made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It is there, as this spec says, until then.
    Active {
        /// What it is, JSON.
        spec: String,
        /// When it ends.
        until: Time,
    },
    /// It lives on until then.
    Renewed(Time),
    /// It has another password; the one before goes on until then.
    Rotated {
        /// What it is, JSON.
        spec: String,
        /// When the old password ends.
        old_until: Time,
    },
    /// The old password has ended.
    OldEnded,
    /// Nobody logs in.
    Locked,
    /// It is gone.
    Dropped,
}

/// Writes that down, as long as the lease holds. May be called again: it comes to the same. `false`: the lease does not hold.
pub async fn became(
    pool: &Pool,
    lease: &Lease,
    id: AccountId,
    what: &Became,
    at: Time,
) -> Result<bool, Error> {
    let mut query = QueryBuilder::<MySql>::new("UPDATE account a JOIN task t ON t.id = ");
    query.push_bind(lease.task.0).push(" AND t.epoch = ").push_bind(lease.epoch);
    query
        .push(" AND t.state IN ('running', 'paused') SET a.version = a.version + 1, a.next_look_at = NULL, a.looks = 0, \
               a.updated_at = ")
        .push_bind(at);
    match what {
        Became::Active { spec, until } => {
            query.push(", a.state = 'active', a.warned = NULL, a.ended_at = NULL, a.spec = ").push_bind(spec);
            query.push(", a.expires_at = ").push_bind(*until);
        }
        Became::Renewed(until) => {
            query
                .push(", a.state = 'active', a.warned = NULL, a.ended_at = NULL, a.expires_at = ")
                .push_bind(*until);
        }
        Became::Rotated { spec, old_until } => {
            query.push(", a.spec = ").push_bind(spec).push(", a.old_until = ").push_bind(*old_until);
        }
        Became::OldEnded => {
            query.push(", a.old_until = NULL");
        }
        Became::Locked => {
            query.push(", a.state = 'locked', a.ended_at = COALESCE(a.ended_at, ").push_bind(at).push(")");
        }
        Became::Dropped => {
            query.push(", a.state = 'dropped', a.old_until = NULL, a.ended_at = ").push_bind(at);
        }
    }
    query.push(" WHERE a.id = ").push_bind(id.0);
    Ok(query.build().execute(pool).await?.rows_affected() > 0)
}

/// Of these that are locked, those that a person's ticket ended and not their time: by which ticket, and whose.
pub async fn revoked(
    pool: &Pool,
    ids: &[AccountId],
) -> Result<BTreeMap<AccountId, (TicketId, PersonId)>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT t.account_id, t.id, t.requester_id, p.name FROM ticket t \
         JOIN account a ON a.id = t.account_id AND a.state = 'locked' \
         JOIN ticket_revision r ON r.ticket_id = t.id AND r.revision = t.revision \
         JOIN person p ON p.id = t.requester_id \
         WHERE t.state = 'done' AND r.request LIKE '{\"lock\"%' AND t.account_id IN (",
    );
    let mut each = query.separated(", ");
    for id in ids {
        each.push_bind(id.0);
    }
    query.push(") ORDER BY t.id");
    let rows: Vec<(u64, u64, u64, String)> = query.build_query_as().fetch_all(pool).await?;
    // The newest one counts: an account may have been renewed in between.
    let newest: BTreeMap<u64, _> =
        rows.into_iter().map(|(account, ticket, by, name)| (account, (ticket, by, name))).collect();
    let by_person = newest.into_iter().filter(|(_, (_, _, name))| name != DESK);
    Ok(by_person.map(|(id, (ticket, by, _))| (AccountId(id), (TicketId(ticket), PersonId(by)))).collect())
}

/// Which ones. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what this person sees: his own, his team's, and those of the service groups whose DBA he is.
    pub sight: Option<Sight>,
    /// Only of these service groups.
    pub within: Within,
    /// Only this person's.
    pub owner: Option<PersonId>,
    /// Only of this service group.
    pub group: Option<GroupId>,
    /// Also those that are gone.
    pub gone: bool,
    /// Whose user begins so, or whose number does.
    pub prefix: Option<String>,
    /// Only older than this one.
    pub before: Option<AccountId>,
    /// At most so many.
    pub limit: u32,
}

/// Accounts, newest first.
pub async fn page(pool: &Pool, filter: &Filter) -> Result<Vec<AccountRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT * FROM account WHERE 1 = 1");
    if let Some(sight) = &filter.sight {
        sight.push_given(&mut query, "account");
    }
    and_group(&mut query, "service_group_id", &filter.within);
    if let Some(owner) = filter.owner {
        query.push(" AND owner_id = ").push_bind(owner.0);
    }
    if let Some(group) = filter.group {
        query.push(" AND service_group_id = ").push_bind(group.0);
    }
    if !filter.gone {
        // What was asked for and came to nothing is no account.
        query.push(
            " AND state <> 'dropped' AND NOT (state = 'asked' AND EXISTS (SELECT 1 FROM ticket t WHERE t.id = account.ticket_id \
             AND t.state IN ('failed', 'rejected', 'withdrawn', 'cancelled')))",
        );
    }
    if let Some(prefix) = &filter.prefix {
        query.push(" AND (LOCATE(").push_bind(prefix.clone()).push(", user_name) = 1 OR LOCATE(");
        query.push_bind(prefix.clone()).push(", CAST(id AS CHAR)) = 1)");
    }
    if let Some(before) = filter.before {
        query.push(" AND id < ").push_bind(before.0);
    }
    query.push(" ORDER BY id DESC LIMIT ").push_bind(filter.limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(AccountRow::try_from).collect()
}

/// All of a group that a server should have: those that are there and those that are locked.
pub async fn of_group(pool: &Pool, group: GroupId) -> Result<Vec<AccountRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM account WHERE service_group_id = ? AND state IN ('active', 'locked') ORDER BY id LIMIT 10000",
    )
    .bind(group.0)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(AccountRow::try_from).collect()
}

/// Tickets about an account that were let run: an end waits for these. What only waits for somebody's approval puts off no end.
const LET_RUN: &str = "('scheduled', 'held', 'running', 'paused')";

/// Those past their end, locked since before `drop_before`, or with an old password past its time, that no ticket is at work on; those that
/// were never tried first.
pub async fn due(
    pool: &Pool,
    (now, drop_before): (Time, Time),
    limit: u32,
) -> Result<Vec<AccountRow>, Error> {
    let mut query =
        QueryBuilder::<MySql>::new("SELECT * FROM account WHERE ((state = 'active' AND expires_at <= ");
    query.push_bind(now).push(") OR (state = 'locked' AND ended_at <= ").push_bind(drop_before);
    query.push(") OR (state IN ('active', 'locked') AND old_until <= ").push_bind(now);
    query.push(")) AND (next_look_at IS NULL OR next_look_at <= ").push_bind(now);
    query
        .push(") AND NOT EXISTS (SELECT 1 FROM ticket t WHERE t.account_id = account.id AND t.state IN ")
        .push(LET_RUN);
    query.push(") ORDER BY next_look_at, expires_at, id LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(AccountRow::try_from).collect()
}

/// Those whose owner is to be told that they end: a mark, in days before the end and the time that is so long from `now`, is reached, and
/// neither it nor a nearer one was told.
pub async fn unwarned(
    pool: &Pool,
    now: Time,
    marks: &[(u16, Time)],
    limit: u32,
) -> Result<Vec<AccountRow>, Error> {
    let mut query =
        QueryBuilder::<MySql>::new("SELECT * FROM account WHERE state = 'active' AND expires_at > ");
    query.push_bind(now).push(" AND (1 = 0");
    for (days, until) in marks {
        query.push(" OR (expires_at <= ").push_bind(*until);
        query.push(" AND (warned IS NULL OR warned > ").push_bind(*days).push("))");
    }
    query.push(") ORDER BY expires_at, id LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(AccountRow::try_from).collect()
}

/// What is due of it was filed, or could not be: not again before then, as long as it stays as it is.
pub async fn look_later(to: impl MySqlExecutor<'_>, id: AccountId, next: Time) -> Result<(), Error> {
    sqlx::query("UPDATE account SET next_look_at = ?, looks = LEAST(looks + 1, 1000) WHERE id = ?")
        .bind(next)
        .bind(id.0)
        .execute(to)
        .await?;
    Ok(())
}

/// Notes of how many days before its end was told. Its row is locked.
pub async fn warned(tx: &mut Tx, id: AccountId, days: u16) -> Result<(), Error> {
    sqlx::query("UPDATE account SET warned = ? WHERE id = ?")
        .bind(days)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whether a ticket about this account has not ended; with who filed it.
pub async fn open_ticket(
    from: impl MySqlExecutor<'_>,
    id: AccountId,
) -> Result<Option<(TicketId, PersonId)>, Error> {
    let found: Option<(u64, u64)> = sqlx::query_as(
        "SELECT id, requester_id FROM ticket WHERE account_id = ? \
         AND state NOT IN ('done', 'failed', 'rejected', 'withdrawn', 'cancelled', 'lost') ORDER BY id DESC LIMIT 1",
    )
    .bind(id.0)
    .fetch_optional(from)
    .await?;
    Ok(found.map(|(ticket, by)| (TicketId(ticket), PersonId(by))))
}

/// Whether it is still what this ticket was filed about: it is there, and no later ticket has changed it. Its row is locked.
pub async fn stands(tx: &mut Tx, id: AccountId, ticket: TicketId) -> Result<bool, Error> {
    if lock(tx, id).await?.is_none() {
        return Ok(false);
    }
    let later: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM ticket WHERE account_id = ? AND id > ? AND state = 'done' LIMIT 1",
    )
    .bind(id.0)
    .bind(ticket.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(later.is_none())
}

/// Whether a ticket about this account was let run and has not ended. Its row is locked.
pub async fn is_worked_on(tx: &mut Tx, id: AccountId) -> Result<bool, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT id FROM ticket WHERE account_id = ");
    query.push_bind(id.0).push(" AND state IN ").push(LET_RUN).push(" LIMIT 1");
    let found: Option<u64> = query.build_query_scalar().fetch_optional(&mut **tx).await?;
    Ok(found.is_some())
}

/// Tickets about this account, filed by the desk itself, that wait for an approval.
pub async fn waiting_of_desk(tx: &mut Tx, id: AccountId) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT t.id FROM ticket t JOIN person p ON p.id = t.requester_id AND p.name = ? \
         WHERE t.account_id = ? AND t.state = 'awaiting_approval' ORDER BY t.id LIMIT 100",
    )
    .bind(crate::person::DESK)
    .bind(id.0)
    .fetch_all(&mut **tx)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}
