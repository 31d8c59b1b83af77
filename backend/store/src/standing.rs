//! How many tickets and tasks stand in which state. Reads the index on the state only.

use crate::{Error, Pool};

/// Tickets by state.
pub async fn tickets(pool: &Pool) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as("SELECT state, COUNT(*) FROM ticket GROUP BY state").fetch_all(pool).await?)
}

/// Tasks by state.
pub async fn tasks(pool: &Pool) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as("SELECT state, COUNT(*) FROM task GROUP BY state").fetch_all(pool).await?)
}
