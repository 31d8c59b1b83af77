//! A change of rows that can be taken back: in one transaction the rows are locked and read, the statement runs, the rows are read
//! again, both are handed over to be kept, and only then it is committed. Anything unexpected rolls back.

use super::{
    rows::values,
    target::{Session, StatementError, statement_error},
};
use dbdesk_undo::{
    Images, Kept, Values,
    field::SESSION,
    kept::{Found, Seen, agree},
    restore::Step,
};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

/// How much of what a statement touches is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Rows of each table.
    pub rows: u64,
    /// Bytes of all values, before and after.
    pub bytes: usize,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeptError<E> {
    /// The server refused, or the connection broke.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// More rows, or bytes, than are kept.
    #[error("it touches more than is kept")]
    TooMuch,
    /// What was read does not agree with what was touched.
    #[error("{} rows were read and {} were touched", .0.read, .0.touched)]
    Disagreed(dbdesk_undo::Disagreed),
    /// What was read could not be kept.
    #[error("what was read could not be kept")]
    NotKept(E),
}

/// Why nothing was taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// The server refused, or the connection broke.
    #[error("step {at}: {error}")]
    Statement {
        /// Which step, from 0.
        at: usize,
        /// Why.
        error: StatementError,
    },
    /// A row is not as it was left.
    #[error("step {at} touched {touched} rows")]
    Changed {
        /// Which step, from 0.
        at: usize,
        /// Rows that it touched.
        touched: u64,
    },
}

impl Session {
    /// Runs one statement as written. What it does to rows is given to `keep` before it is committed; where that fails, or anything is not
    /// as expected, nothing has changed. Gives the rows that the server says it touched.
    /// `moment`: what `NOW()` says, in seconds since 1970; else the time it is.
    pub async fn run_kept<E>(
        &mut self,
        statement: &str,
        kept: &[Kept],
        (most, moment): (Most, Option<&str>),
        keep: impl AsyncFnOnce(&[Images]) -> Result<(), E>,
    ) -> Result<u64, KeptError<E>> {
        // Whatever it reads is locked, and `NOW()` is one moment for the statement and the questions about it.
        self.simply("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
        let moment = moment.filter(|moment| moment.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
        let held = moment.map_or("UNIX_TIMESTAMP(SYSDATE(6))", |moment| moment);
        self.run(&format!("SET @@timestamp = {held}")).await?;
        self.simply("START TRANSACTION").await?;
        let done = self.kept(statement, kept, most, keep).await;
        let ended = self.simply(if done.is_ok() { "COMMIT" } else { "ROLLBACK" }).await;
        match (done, ended) {
            (Ok(_), Err(error)) => Err(StatementError::Lost(format!("of the COMMIT: {error}")).into()),
            // What is left open ends with its connection.
            (Err(error), Err(_)) => Err(error),
            (done, Ok(())) => {
                // Where this fails the connection is broken, which the next statement finds.
                let _ = self.simply("SET @@timestamp = DEFAULT").await;
                done
            }
        }
    }

    async fn kept<E>(
        &mut self,
        statement: &str,
        kept: &[Kept],
        most: Most,
        keep: impl AsyncFnOnce(&[Images]) -> Result<(), E>,
    ) -> Result<u64, KeptError<E>> {
        let mut bytes = most.bytes;
        let mut befores = Vec::new();
        for one in kept {
            befores.push(self.rows(one, &one.before, most.rows, &mut bytes).await?);
        }
        let touched = self.run(statement).await?;
        let (mut all, mut seen) = (Vec::new(), Vec::new());
        for (one, before) in kept.iter().zip(befores) {
            let queries = match one.found {
                Found::Before => one.again(&before),
                Found::Written => one.before.iter().cloned().chain(one.again(&before)).collect(),
                Found::Counted => {
                    let (first, step) = self.counted().await?;
                    one.counted(first, step, touched)
                }
            };
            let after = self.rows(one, &queries, most.rows, &mut bytes).await?;
            seen.push(Seen { before: before.len() as u64, after: after.len() as u64 });
            all.push(Images::pair(one.layout.clone(), before, after));
        }
        agree(kept, &seen, touched).map_err(KeptError::Disagreed)?;
        keep(&all).await.map_err(KeptError::NotKept)?;
        Ok(touched)
    }

    /// The first row that a question has, as text.
    pub async fn first(&mut self, query: &str, columns: usize) -> Result<Option<Values>, StatementError> {
        let asked = async {
            let text = AssertSqlSafe(query.to_owned());
            let row = sqlx::raw_sql(text).fetch_optional(&mut self.connection).await?;
            row.map(|row| values(&row, columns)).transpose()
        };
        asked.await.map_err(|error: sqlx::Error| statement_error(&error))
    }

    /// From now on a lock of a row is waited for so long; without a number as long as the server says.
    pub async fn wait_for_rows(&mut self, seconds: Option<u32>) -> Result<(), StatementError> {
        let seconds = seconds.map_or_else(|| "DEFAULT".to_owned(), |seconds| seconds.to_string());
        self.run(&format!("SET SESSION innodb_lock_wait_timeout = {seconds}")).await.map(drop)
    }

    /// Takes a change back, all of it or nothing. The session is as before after it: what restores values is lenient, and a change of
    /// structure that follows must not be.
    pub async fn undo(&mut self, steps: &[Step]) -> Result<(), UndoError> {
        let at_first = |error| UndoError::Statement { at: 0, error };
        self.simply(
            "SET @dbdesk_zone = @@time_zone, @dbdesk_results = @@character_set_results, @dbdesk_mode = @@sql_mode",
        )
        .await
        .map_err(at_first)?;
        self.simply(SESSION).await.map_err(at_first)?;
        let undone = self.all(steps).await;
        // Where this fails the connection is broken, which the next statement finds.
        let _ = self
            .simply(
                "SET SESSION time_zone = @dbdesk_zone, character_set_results = @dbdesk_results, sql_mode = @dbdesk_mode",
            )
            .await;
        undone
    }

    async fn all(&mut self, steps: &[Step]) -> Result<(), UndoError> {
        let at_first = |error| UndoError::Statement { at: 0, error };
        self.simply("START TRANSACTION").await.map_err(at_first)?;
        for (at, step) in steps.iter().enumerate() {
            let wrong = match self.run(&step.sql).await {
                Ok(touched) if touched == step.rows => continue,
                Ok(touched) => UndoError::Changed { at, touched },
                Err(error) => UndoError::Statement { at, error },
            };
            let _ = self.simply("ROLLBACK").await;
            return Err(wrong);
        }
        self.simply("COMMIT").await.map_err(|error| UndoError::Statement { at: steps.len(), error })
    }

    async fn simply(&mut self, sql: &'static str) -> Result<(), StatementError> {
        self.connection.execute(sql).await.map(drop).map_err(|error| statement_error(&error))
    }

    /// The first number that the server gave the rows of the last `INSERT`, and from one to the next.
    async fn counted(&mut self) -> Result<(u64, u64), StatementError> {
        let asked = async {
            let row = self
                .connection
                .fetch_one(
                    "SELECT CAST(LAST_INSERT_ID() AS UNSIGNED), CAST(@@auto_increment_increment AS UNSIGNED)",
                )
                .await?;
            Ok((row.try_get(0)?, row.try_get(1)?))
        };
        asked.await.map_err(|error: sqlx::Error| statement_error(&error))
    }

    /// The rows that these give, each once.
    async fn rows<E>(
        &mut self,
        kept: &Kept,
        queries: &[String],
        most: u64,
        bytes: &mut usize,
    ) -> Result<Vec<Values>, KeptError<E>> {
        let mut rows = Vec::new();
        for query in queries {
            let text = AssertSqlSafe(query.clone());
            let mut answer = sqlx::raw_sql(text).fetch(&mut self.connection);
            while let Some(row) = answer.try_next().await.map_err(|error| statement_error(&error))? {
                let values =
                    values(&row, kept.layout.fields.len()).map_err(|error| statement_error(&error))?;
                let size: usize = values.iter().flatten().map(|value| value.len() + 8).sum();
                *bytes = bytes.checked_sub(size).ok_or(KeptError::TooMuch)?;
                rows.push(values);
                if rows.len() as u64 > most.saturating_mul(2) {
                    return Err(KeptError::TooMuch);
                }
            }
        }
        rows.sort_unstable();
        rows.dedup();
        if rows.len() as u64 > most { Err(KeptError::TooMuch) } else { Ok(rows) }
    }
}
