//! Rows that were kept, as they are now.

use super::connect::{OpenError, READS_AS_THE_REVIEW, connect, open_error, plain};
use dbdesk_undo::{Images, Values};
use futures_util::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow},
};
use std::{collections::HashMap, time::Duration};

/// Of each of `all` the rows as they are now, in the order of its own; `None` where there is none. Nothing is locked.
pub async fn now(
    server: &MySqlConnectOptions,
    all: &[Images],
    (open, total): (Duration, Duration),
) -> Result<Vec<Vec<Option<Values>>>, OpenError> {
    let mut connection = connect(&plain(server), open).await?;
    let reading = async {
        connection.execute(READS_AS_THE_REVIEW).await?;
        connection.execute("START TRANSACTION READ ONLY").await?;
        let mut seen = Vec::with_capacity(all.len());
        for images in all {
            seen.push(of_table(&mut connection, images).await?);
        }
        Ok::<_, sqlx::Error>(seen)
    };
    let seen = tokio::time::timeout(total, reading).await;
    let _ = tokio::time::timeout(open, connection.close()).await;
    match seen {
        Ok(seen) => seen.map_err(|error| open_error(&error)),
        Err(_) => Err(OpenError::Unreachable(format!("its rows were not read within {} s", total.as_secs()))),
    }
}

async fn of_table(
    connection: &mut MySqlConnection,
    images: &Images,
) -> Result<Vec<Option<Values>>, sqlx::Error> {
    let layout = &images.layout;
    let rows: Vec<&Values> = images.rows.iter().filter_map(dbdesk_undo::Row::any).collect();
    let (names, keys) = layout.keys(&rows);
    let mut found: HashMap<Values, Values> = HashMap::new();
    for query in layout.look(&names, &keys) {
        let mut answer = sqlx::raw_sql(AssertSqlSafe(query)).fetch(&mut *connection);
        while let Some(row) = answer.try_next().await? {
            let values = values(&row, layout.fields.len())?;
            found.insert(layout.key_of(&values), values);
        }
    }
    Ok(rows.iter().map(|row| found.remove(&layout.key_of(row))).collect())
}

/// The values of a row that a [`dbdesk_undo::Layout`] reads.
pub(super) fn values(row: &MySqlRow, count: usize) -> Result<Values, sqlx::Error> {
    (0..count).map(|at| row.try_get_unchecked::<Option<String>, _>(at)).collect()
}
