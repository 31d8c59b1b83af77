//! The trial itself: tables are made, statements go by, definitions are compared.

use super::{
    super::connect::server_error,
    live::{Live, definition},
    session::Session,
    track::Track,
};
use dbdesk_commands::wire::review::{TableDiff, TableFate};
use dbdesk_review::{
    facts::TableName,
    shadow::{Answer, Left, Outcome, Plan, Shadow, Step, What, diff},
};
use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The server's own troubles, and what says more of the shadow than of the statement: rights, limits, locks, time, files,
/// functions and views that are not there.
const OWN: [u16; 30] = [
    1004, 1016, 1021, 1023, 1026, 1030, 1040, 1041, 1044, 1045, 1049, 1114, 1142, 1143, 1205, 1213, 1227,
    1290, 1295, 1305, 1317, 1356, 1370, 1449, 1615, 1792, 1969, 3024, 3159, 3170,
];
/// "Not there", of a table.
const ABSENT: [u16; 4] = [1051, 1109, 1146, 1824];
/// Of foreign keys: they say nothing where one of the tables was not copied.
const FOREIGN: [u16; 13] = [1005, 1215, 1216, 1217, 1451, 1452, 1701, 1822, 1824, 1825, 3730, 3734, 3780];
/// The most that all diffs of a review take together.
const DIFF_BYTES: usize = 96 * 1024;
/// One statement of a shadow never waits longer for a lock: nobody else uses it.
const LOCK_WAIT_S: u64 = 2;

struct Trial<'a> {
    session: &'a mut Session,
    plan: &'a Plan,
    live: &'a Live,
    shadows: &'a BTreeMap<String, String>,
    known: &'a Mutex<Shadow>,
    /// Tables that are there on the live server and not here.
    uncopied: BTreeSet<TableName>,
    /// Tables that a statement which fails was to change.
    behind: BTreeMap<TableName, usize>,
    before: BTreeMap<TableName, String>,
    track: Track,
}

/// Goes through the plan; what is known at any moment stands in `known`.
pub(super) async fn run(
    session: &mut Session,
    plan: &Plan,
    live: &Live,
    shadows: &BTreeMap<String, String>,
    limit: Duration,
    known: &Mutex<Shadow>,
) {
    let mut trial = Trial {
        session,
        plan,
        live,
        shadows,
        known,
        uncopied: live.uncopied.clone(),
        behind: BTreeMap::new(),
        before: BTreeMap::new(),
        track: Track::default(),
    };
    let outcome = match trial.all(limit).await {
        Ok(()) => Outcome::Tried,
        Err(error) => {
            tracing::warn!(%error, "a review server failed in the middle of a trial");
            Outcome::Unreachable
        }
    };
    trial.known().outcome = outcome;
}

impl Trial<'_> {
    fn known(&self) -> MutexGuard<'_, Shadow> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn all(&mut self, limit: Duration) -> Result<(), sqlx::Error> {
        self.make(limit).await?;
        self.before().await?;
        self.set_as_live().await?;
        self.select(&self.plan.database).await?;
        let plan = self.plan;
        for step in &plan.steps {
            let answer = self.step(step).await?;
            self.known().answers.insert(step.index, answer);
        }
        self.compare().await
    }

    /// Makes the schemas and the tables in them.
    async fn make(&mut self, limit: Duration) -> Result<(), sqlx::Error> {
        let bound = if self.session.flavour.is_mariadb() {
            format!("max_statement_time = {}", limit.as_secs_f64())
        } else {
            format!("max_execution_time = {}", limit.as_millis())
        };
        let sql = format!(
            "SET SESSION foreign_key_checks = 0, unique_checks = 0, sql_mode = '', lock_wait_timeout = {LOCK_WAIT_S}, \
             innodb_lock_wait_timeout = {LOCK_WAIT_S}, {bound}"
        );
        self.session.execute(sql).await?;
        self.try_to_set("innodb_strict_mode", "0").await?;
        for (database, charset) in &self.live.databases {
            let Some(shadow) = self.shadows.get(database) else { continue };
            let plain = format!("CREATE DATABASE `{shadow}`");
            let made = match charset {
                Some((set, collation)) => {
                    let sql = format!("{plain} CHARACTER SET '{set}' COLLATE '{collation}'");
                    self.attempt(sql).await?
                }
                None => false,
            };
            if !made {
                self.session.execute(plain).await?;
            }
        }
        for (name, copy) in &self.live.tables {
            let sql = copy.sql(self.shadows);
            let made = match (sql, &name.database) {
                (Some(sql), Some(database)) => {
                    self.select(database).await?;
                    self.attempt(sql).await?
                }
                _ => false,
            };
            if !made {
                self.uncopied.insert(name.clone());
            }
        }
        Ok(())
    }

    /// Runs a statement; false where the server does not take it.
    async fn attempt(&mut self, sql: String) -> Result<bool, sqlx::Error> {
        match self.session.execute(sql).await {
            Ok(()) => Ok(true),
            Err(error) if server_error(&error).is_some() => {
                tracing::debug!(%error, "a review server does not take what a shadow begins with");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    async fn try_to_set(&mut self, variable: &str, value: &str) -> Result<(), sqlx::Error> {
        let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let value = if number { value.to_owned() } else { format!("'{}'", value.replace(['\'', '\\'], "")) };
        self.attempt(format!("SET SESSION {variable} = {value}")).await.map(|_| ())
    }

    /// Sessions on the live server decide which DDL is taken: those here are set like them, where that is allowed.
    async fn set_as_live(&mut self) -> Result<(), sqlx::Error> {
        self.session.execute("SET SESSION foreign_key_checks = 1, unique_checks = 1".into()).await?;
        for (variable, value) in &self.live.settings {
            self.try_to_set(variable, value).await?;
        }
        Ok(())
    }

    async fn select(&mut self, database: &str) -> Result<(), sqlx::Error> {
        let Some(shadow) = self.shadows.get(database) else { return Ok(()) };
        self.session.execute(format!("USE `{shadow}`")).await
    }

    /// The definitions of the tables that are going to be changed.
    async fn before(&mut self) -> Result<(), sqlx::Error> {
        let steps = self.plan.steps.iter().filter(|step| step.what == What::Apply);
        let names: BTreeSet<&TableName> = steps
            .flat_map(|step| step.changes.iter().chain(step.renames.iter().map(|(old, _)| old)))
            .collect();
        for name in names {
            if let Some(text) = self.definition(name).await? {
                self.before.insert(name.clone(), text);
            }
        }
        Ok(())
    }

    /// A table's definition as it is in the shadow now, with the asker's names.
    async fn definition(&mut self, name: &TableName) -> Result<Option<String>, sqlx::Error> {
        let Some(shadow) = name.database.as_ref().and_then(|database| self.shadows.get(database)) else {
            return Ok(None);
        };
        let here = TableName { database: Some(shadow.clone()), table: name.table.clone() };
        match definition(&mut self.session.connection, &here).await {
            Ok(text) => Ok(text.map(|text| self.named_back(&text))),
            Err(error) if server_error(&error).is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A text of the server with the asker's databases in it.
    fn named_back(&self, text: &str) -> String {
        self.shadows.iter().fold(text.to_owned(), |text, (database, shadow)| text.replace(shadow, database))
    }

    async fn step(&mut self, step: &Step) -> Result<Answer, sqlx::Error> {
        if let What::Leave(left) = step.what {
            self.spoil(step);
            return Ok(Answer::Left(left));
        }
        if let Some(&failed) = step.tables.iter().find_map(|table| self.behind.get(table)) {
            self.fall_behind(step, failed);
            return Ok(Answer::Behind(failed));
        }
        if step.tables.iter().any(|table| self.uncopied.contains(table)) {
            self.spoil(step);
            return Ok(Answer::Left(Left::Uncopied));
        }
        let Some(sql) = step.sql(self.shadows) else { return Ok(Answer::Left(Left::Names)) };
        match self.send(step, sql).await {
            Ok(()) => {
                self.track.ran(step);
                Ok(Answer::Accepted)
            }
            Err(error) => {
                let Some((code, message)) = server_error(&error) else { return Err(error) };
                let answer = self.refused(code, &message);
                match answer {
                    Answer::Refused(..) => self.fall_behind(step, step.index),
                    _ => self.spoil(step),
                }
                Ok(answer)
            }
        }
    }

    async fn send(&mut self, step: &Step, sql: String) -> Result<(), sqlx::Error> {
        let connection = &mut self.session.connection;
        if step.what == What::Apply {
            return sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(|_| ());
        }
        connection.prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await?;
        if step.is_dml && self.session.flavour.is_mariadb() {
            // Its PREPARE looks at fewer things than its EXPLAIN, which runs as little.
            let text = AssertSqlSafe(format!("EXPLAIN {sql}"));
            sqlx::raw_sql(text).fetch_all(&mut self.session.connection).await?;
        }
        Ok(())
    }

    /// Whether the server's no says something of the statement.
    fn refused(&self, code: u16, message: &str) -> Answer {
        let message = self.named_back(message);
        if OWN.contains(&code) {
            return Answer::Left(Left::Server(code));
        }
        let unknown = ABSENT.contains(&code) && !self.is_known_absent(&message);
        let foreign = FOREIGN.contains(&code) && !self.uncopied.is_empty();
        if unknown || foreign { Answer::Left(Left::Uncopied) } else { Answer::Refused(code, message) }
    }

    /// Whether a table that is missing here was looked for on the live server, or is missing by the script's own doing.
    fn is_known_absent(&self, message: &str) -> bool {
        let Some(name) = message.split('\'').nth(1) else { return false };
        let table = name.rsplit_once('.').map_or(name, |(_, table)| table);
        let looked_for = self.plan.tables.iter().any(|known| known.table == table);
        looked_for || self.track.knows(table)
    }

    /// A statement that fails, or needs one that does: what it was to change is not as later ones expect.
    fn fall_behind(&mut self, step: &Step, failed: usize) {
        if step.what == What::Apply {
            for table in &step.tables {
                self.behind.insert(table.clone(), failed);
            }
        }
    }

    /// A statement that was not tried: nobody knows what its tables are after it.
    fn spoil(&mut self, step: &Step) {
        let renamed = step.renames.iter().flat_map(|(old, new)| [old, new]);
        self.uncopied.extend(step.changes.iter().chain(renamed).cloned());
    }

    /// What became of the tables.
    async fn compare(&mut self) -> Result<(), sqlx::Error> {
        let tracked: Vec<_> =
            self.track.tables().map(|(name, tracked)| (name.clone(), tracked.clone())).collect();
        let mut bytes = 0;
        for (name, tracked) in tracked {
            if self.uncopied.contains(&name) || bytes > DIFF_BYTES {
                continue;
            }
            let after = self.definition(&name).await?;
            let before = tracked.origin.as_ref().and_then(|origin| self.before.get(origin));
            let Some(fate) = fate(before, after.as_ref()) else { continue };
            let (diff, is_cut) = diff::unified(before.map(String::as_str), after.as_deref());
            if diff.is_empty() {
                continue;
            }
            bytes += diff.len();
            let was = tracked.origin.filter(|origin| *origin != name).map(|origin| origin.table);
            let database = name.database.unwrap_or_default();
            let diff = TableDiff { database, table: name.table, was, fate, diff, is_cut };
            self.known().tables.entry(tracked.last).or_default().push(diff);
        }
        Ok(())
    }
}

fn fate(before: Option<&String>, after: Option<&String>) -> Option<TableFate> {
    match (before, after) {
        (None, None) => None,
        (None, Some(_)) => Some(TableFate::Created),
        (Some(_), None) => Some(TableFate::Dropped),
        (Some(_), Some(_)) => Some(TableFate::Changed),
    }
}
