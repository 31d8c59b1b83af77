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

/// The tables in which rows are changed: all but the audit log, and what `migrate` keeps of itself.
pub async fn written(pool: &Pool) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE() \
         AND table_name NOT IN ('audit', '_sqlx_migrations') ORDER BY table_name",
    )
    .fetch_all(pool)
    .await?)
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

#[cfg(test)]
mod tests {
    use super::MIGRATIONS;

    /// A database that has applied one refuses to migrate once its text is another. Lines are added here, never changed.
    #[test]
    fn a_migration_is_never_edited_once_it_has_landed() {
        let line = |migration: &sqlx::migrate::Migration| {
            let sum = migration.checksum.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
            format!("{:04} {sum:016x} {}", migration.version, migration.description)
        };
        let lines: Vec<String> = MIGRATIONS.iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        0001 7c8512a25fba027f desk
        0002 b2a0206e08f393c8 engine
        0003 e88c35e64b33da0d containers
        0004 1634587e40c71f71 undo
        0005 5f8a9cc75f04e4b0 takes back
        0006 eaebe7f10ec72371 without undo
        0007 0e7df92e8eb859e0 definitions
        0008 dc9e1a05060cd205 online
        0009 872233c150af82eb chunk
        0010 5e968033c225ddf8 restore
        0011 415e64f9bde450de objects
        0012 45a42cc39cdf45ba steering
        0013 ccdc53e12235581b passed over
        0014 952f235d905e2f71 lanes
        0015 5d9c344deb43c8c5 restore digest
        0016 c458a1f17b4e4b13 tokens
        0017 eb26f990988b15eb audit
        0018 d827756a5dfd348f policy
        0019 c54a2bc4834c44a8 people
        0020 dba9650cac8e4be2 accounts
        0021 b36e1e30c9ab2033 confirmation
        0023 9f5c59b1e9ba8769 account due
        0024 6e838ae04e35b475 link second
        0025 4cb823f926adf093 inventory
        0030 9a9d64377d5411ae scripts
        0031 cdc72fc80e74eb55 hosts
        0032 fed1dc28145295df backups
        0034 e8315752fcb85d8f clusters
        0035 970d0a7a4bd82b29 cluster draft
        ");
    }
}
