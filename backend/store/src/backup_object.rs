//! Table `backup_object`: every object that was ever to be put into a bucket. It is written before the object is put and goes after the
//! object is removed, so that a crash leaves none that nobody knows.

use crate::{Error, Pool, begin, commit};
use dbdesk_commands::{clock::Time, id::TaskId};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// One that is to be put for a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned<'a> {
    /// Which statement of the script, from 0.
    pub statement: u32,
    /// Which part of it.
    pub part: u32,
    /// The bucket.
    pub bucket: &'a str,
    /// The name in it.
    pub name: &'a str,
}

/// Writes down what is to be put. What stands there already was written by the same call, whose answer was lost.
pub async fn plan(
    to: impl MySqlExecutor<'_>,
    task: TaskId,
    objects: &[Planned<'_>],
    at: Time,
) -> Result<(), Error> {
    if objects.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::<MySql>::new(
        "INSERT INTO backup_object (bucket, name, task_id, statement, part, created_at) ",
    );
    insert.push_values(objects, |mut row, object| {
        row.push_bind(object.bucket).push_bind(object.name).push_bind(task.0);
        row.push_bind(object.statement).push_bind(object.part).push_bind(at);
    });
    insert.push(" ON DUPLICATE KEY UPDATE part = part");
    insert.build().execute(to).await?;
    Ok(())
}

/// One whose time is over.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Due {
    /// Its number; later ones are larger.
    pub id: u64,
    /// The bucket.
    pub bucket: String,
    /// The name in it.
    pub name: String,
    task_id: u64,
    statement: u32,
    part: u32,
}

/// Those that were written before `before`, after the one with this number, at most `limit`.
pub async fn due(pool: &Pool, before: Time, after: u64, limit: u32) -> Result<Vec<Due>, Error> {
    Ok(sqlx::query_as(
        "SELECT id, bucket, name, task_id, statement, part FROM backup_object WHERE created_at < ? AND id > ? ORDER BY id LIMIT ?",
    )
    .bind(before)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await?)
}

/// The object is removed: so is all that says that it is there.
pub async fn gone(pool: &Pool, due: &Due) -> Result<(), Error> {
    let mut tx = begin(pool).await?;
    // The part may have another object by now: that of a later try.
    sqlx::query(
        "DELETE FROM backup WHERE task_id = ? AND statement = ? AND part = ? AND bucket = ? AND object = ?",
    )
    .bind(due.task_id)
    .bind(due.statement)
    .bind(due.part)
    .bind(&due.bucket)
    .bind(&due.name)
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM backup_object WHERE id = ?").bind(due.id).execute(&mut *tx).await?;
    commit(tx).await
}
