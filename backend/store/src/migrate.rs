//! The tables, as `migrations/` writes them. Only `dbdesk migrate` changes them; the other roles look whether they fit.

use crate::{Error, Pool};
use sqlx::migrate::{MigrateError, Migrator};

/// Every migration, built into the program.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How the tables stand to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// They are what this program expects.
    Fits,
    /// There are none.
    Empty,
    /// They are older: `dbdesk migrate` is due.
    Older {
        /// The newest migration there.
        found: i64,
        /// The newest that this program knows.
        wanted: i64,
    },
    /// They are newer: this program is too old for them.
    Newer {
        /// The newest migration there.
        found: i64,
        /// The newest that this program knows.
        wanted: i64,
    },
    /// A migration stopped half way.
    Dirty {
        /// Which.
        found: i64,
    },
}

/// The newest migration that this program knows.
#[must_use]
pub fn wanted() -> i64 {
    MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// Applies what is missing. Two of them at once wait for one another.
pub async fn run(pool: &Pool) -> Result<(), Error> {
    MIGRATIONS.run(pool).await.map_err(|error| match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => Error::from(source),
        other => Error::Fault(other.into()),
    })
}

/// Looks, changes nothing.
pub async fn fit(pool: &Pool) -> Result<Fit, Error> {
    let there: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '_sqlx_migrations'",
    )
    .fetch_one(pool)
    .await?;
    if there == 0 {
        return Ok(Fit::Empty);
    }
    let rows: Vec<(i64, bool)> =
        sqlx::query_as("SELECT version, success FROM _sqlx_migrations ORDER BY version")
            .fetch_all(pool)
            .await?;
    if let Some((found, _)) = rows.iter().find(|(_, success)| !success) {
        return Ok(Fit::Dirty { found: *found });
    }
    let (found, wanted) = (rows.last().map_or(0, |(version, _)| *version), wanted());
    Ok(match found {
        0 => Fit::Empty,
        found if found < wanted => Fit::Older { found, wanted },
        found if found > wanted => Fit::Newer { found, wanted },
        _ => Fit::Fits,
    })
}
