//! A transaction: what is decided in it is appended to the audit log with its commit.

use crate::{
    Error, Pool,
    audit::{self, Decision, Origin},
};
use dbdesk_commands::id::PersonId;
use sqlx::{MySql, MySqlConnection};
use std::{
    mem,
    ops::{Deref, DerefMut},
};

/// A transaction in our own database. Dropped without a commit, it is rolled back, and nothing was decided.
pub struct Tx {
    inner: sqlx::Transaction<'static, MySql>,
    origin: Origin,
    decisions: Vec<Decision>,
}

impl Deref for Tx {
    type Target = MySqlConnection;
    fn deref(&self) -> &MySqlConnection {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut MySqlConnection {
        &mut self.inner
    }
}

impl Tx {
    /// The person in whose name it is.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.origin.person.as_ref().map(|(id, _)| *id)
    }

    /// What to call who does it: a person's name, or `desk`, or the account of a shell.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.origin.person.as_ref().map_or(self.origin.otherwise.as_str(), |(_, name)| name)
    }

    /// Notes a decision for the audit log.
    pub fn decided(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }

    /// Commits, with what was decided. On [`Error::Retry`] nobody knows whether it was committed. What a person began and decides nothing
    /// is a fault: each of his verbs is for the audit log.
    pub async fn commit(mut self) -> Result<(), Error> {
        let decisions = mem::take(&mut self.decisions);
        if !decisions.is_empty() {
            audit::append(&mut self.inner, &self.origin, decisions).await?;
        } else if self.origin.person.is_some() {
            return Err(Error::strange("what a person did says nothing to the audit log"));
        }
        Ok(self.inner.commit().await?)
    }

    /// Undoes it, at once.
    pub(crate) async fn rollback(self) -> Result<(), Error> {
        Ok(self.inner.rollback().await?)
    }
}

/// Begins a transaction of the desk itself.
pub async fn begin(pool: &Pool) -> Result<Tx, Error> {
    begin_as(pool, Origin::default()).await
}

/// Begins a transaction of somebody who is named in the audit log.
pub async fn begin_as(pool: &Pool, origin: Origin) -> Result<Tx, Error> {
    Ok(Tx { inner: pool.begin().await?, origin, decisions: Vec::new() })
}

/// Commits. On [`Error::Retry`] nobody knows whether it was committed.
pub async fn commit(tx: Tx) -> Result<(), Error> {
    tx.commit().await
}
