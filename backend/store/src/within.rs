//! What is of the service groups that somebody may reach. A ticket on sharded tables is, where all of its groups are.

use crate::{Error, Pool};
use dbdesk_cmdb::Within;
use dbdesk_commands::id::{AccountId, FreezeId, RestoreId, ScheduleId, TaskId, TicketId};
use sqlx::{MySql, QueryBuilder};

/// Adds to a condition that the group in `column` is reached.
pub(crate) fn and_group(query: &mut QueryBuilder<MySql>, column: &str, within: &Within) {
    if matches!(within, Within::Only(_)) {
        query.push(format_args!(" AND {column} IN ("));
        numbers(query, within);
    }
}

/// Adds to a condition that the ticket `alias` is reached, with all groups on whose servers its statements run.
pub(crate) fn and_ticket(query: &mut QueryBuilder<MySql>, alias: &str, within: &Within) {
    if matches!(within, Within::Only(_)) {
        and_group(query, &format!("{alias}.service_group_id"), within);
        query.push(format_args!(
            " AND NOT EXISTS (SELECT 1 FROM ticket_revision rev JOIN JSON_TABLE(rev.spread, '$.shards[*]' \
             COLUMNS (place BIGINT UNSIGNED PATH '$.group')) shard \
             WHERE rev.ticket_id = {alias}.id AND rev.revision = {alias}.revision AND shard.place NOT IN ("
        ));
        numbers(query, within);
        query.push(")");
    }
}

/// The numbers, and the end of the list. No group has the number 0.
fn numbers(query: &mut QueryBuilder<MySql>, within: &Within) {
    query.push("0");
    if let Within::Only(groups) = within {
        for group in groups {
            query.push(", ").push_bind(group.0);
        }
    }
    query.push(")");
}

/// Whether this ticket is reached; not, where there is none.
pub async fn ticket(pool: &Pool, id: TicketId, within: &Within) -> Result<bool, Error> {
    let mut query = QueryBuilder::new("SELECT 1 FROM ticket t WHERE t.id = ");
    query.push_bind(id.0);
    and_ticket(&mut query, "t", within);
    is_some(pool, query).await
}

/// Whether this task's ticket is.
pub async fn task(pool: &Pool, id: TaskId, within: &Within) -> Result<bool, Error> {
    let mut query =
        QueryBuilder::new("SELECT 1 FROM task k JOIN ticket t ON t.id = k.ticket_id WHERE k.id = ");
    query.push_bind(id.0);
    and_ticket(&mut query, "t", within);
    is_some(pool, query).await
}

/// Whether this schedule is.
pub async fn schedule(pool: &Pool, id: ScheduleId, within: &Within) -> Result<bool, Error> {
    let mut query = QueryBuilder::new("SELECT 1 FROM schedule WHERE id = ");
    query.push_bind(id.0);
    and_group(&mut query, "service_group_id", within);
    is_some(pool, query).await
}

/// Whether this account is.
pub async fn account(pool: &Pool, id: AccountId, within: &Within) -> Result<bool, Error> {
    let mut query = QueryBuilder::new("SELECT 1 FROM account WHERE id = ");
    query.push_bind(id.0);
    and_group(&mut query, "service_group_id", within);
    is_some(pool, query).await
}

/// Whether this freeze is; one of all groups is not, where only some are reached.
pub async fn freeze(pool: &Pool, id: FreezeId, within: &Within) -> Result<bool, Error> {
    let mut query = QueryBuilder::new("SELECT 1 FROM freeze WHERE id = ");
    query.push_bind(id.0);
    and_group(&mut query, "service_group_id", within);
    is_some(pool, query).await
}

/// Whether what was looked at in a binary log is.
pub async fn restore(pool: &Pool, id: RestoreId, within: &Within) -> Result<bool, Error> {
    let mut query = QueryBuilder::new("SELECT 1 FROM restore WHERE id = ");
    query.push_bind(id.0);
    and_group(&mut query, "service_group_id", within);
    is_some(pool, query).await
}

async fn is_some(pool: &Pool, mut query: QueryBuilder<MySql>) -> Result<bool, Error> {
    let found: Option<i64> = query.build_query_scalar().fetch_optional(pool).await?;
    Ok(found.is_some())
}
