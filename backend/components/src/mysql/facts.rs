//! Asking a live server what a review wants to know, without changing anything there.
//!
//! The session is read-only, each question has a time limit that the server keeps itself, and all of them together end at a
//! deadline: what was not answered by then is absent, and the review says so. An account that may only read can not `PREPARE`
//! or `EXPLAIN` a write on every flavour: the server then says "denied", which still proves that it understood the statement.

use super::{
    connect::{OpenError, READS_AS_THE_REVIEW, connect, open_error, plain, server_error},
    plan::explain,
    session::Session,
    tables,
};
use dbdesk_review::{
    Facts, Flavour, Question,
    facts::{Counted, Looked, Prepared, Repeats, TableName},
    unique,
};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _, SqlSafeStr as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// How long and how much a server is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For connecting.
    pub connect: Duration,
    /// For one count or plan; kept by the server.
    pub each: Duration,
    /// For everything.
    pub total: Duration,
    /// Statements whose plan or count is asked.
    pub statements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            each: Duration::from_secs(2),
            total: Duration::from_secs(10),
            statements: 200,
        }
    }
}

/// "No right to do that": the statement was parsed and its names were looked up.
const DENIED: [u16; 8] = [1044, 1045, 1142, 1143, 1227, 1370, 1290, 1792];
/// Not possible as a prepared statement: says nothing about the syntax.
const NOT_PREPARABLE: u16 = 1295;
const SYNTAX: [u16; 2] = [1064, 1149];
/// The server's own time limit struck (each flavour has its own number), or the query was killed.
const TIMED_OUT: [u16; 3] = [1969, 3024, 1317];

/// Asks `questions` of the server. An `Err` means that it could not be asked at all.
pub async fn gather(
    server: &MySqlConnectOptions,
    questions: &[Question],
    limits: &Limits,
) -> Result<Facts, OpenError> {
    gather_beside(server, None, questions, limits).await
}

/// Asks `questions` of the primary; counts and plans, which cost it something, of the replica where that is at hand and
/// tells that it is near. What the replica can not answer the primary is asked.
pub async fn gather_beside(
    server: &MySqlConnectOptions,
    replica: Option<&MySqlConnectOptions>,
    questions: &[Question],
    limits: &Limits,
) -> Result<Facts, OpenError> {
    let deadline = Instant::now() + limits.total;
    let (mut connection, flavour, patch) = open(server, limits).await?;
    let mut facts = Facts { live: true, flavour: Some(flavour), patch, ..Facts::default() };
    let names: BTreeSet<_> = questions
        .iter()
        .filter_map(|question| if let Question::Table(name) = question { Some(name.clone()) } else { None })
        .collect();
    match timeout_at(deadline, tables::look_up(&mut connection, flavour, &names)).await {
        Ok(Ok(tables)) => facts.tables = tables,
        Ok(Err(error)) => return Err(open_error(&error)),
        Err(_) => return Err(OpenError::Unreachable("the tables were not looked up in time".into())),
    }
    let counts: BTreeMap<usize, &str> = questions
        .iter()
        .filter_map(
            |question| if let Question::Count(ask) = question { Some((ask.index, &*ask.sql)) } else { None },
        )
        .collect();
    let costs = |question: &Question| {
        matches!(question, Question::Explain(_) | Question::Count(_) | Question::Repeats(..))
    };
    let mut replica = match replica.filter(|_| questions.iter().any(costs)) {
        Some(replica) => Session::of_replica(replica, limits).await,
        None => None,
    };
    let mut primary = Session::new(connection);
    let mut asked = BTreeSet::new();
    for question in questions {
        let Some(ask) = question.ask() else { continue };
        asked.insert(ask.index);
        if asked.len() <= limits.statements {
            let stand_in = counts.get(&ask.index).copied();
            if let Some(replica) = replica.as_mut().filter(|_| costs(question)) {
                put(replica, question, stand_in, deadline, limits, &mut facts).await;
            }
            if !is_answered(question, &facts) {
                put(&mut primary, question, stand_in, deadline, limits, &mut facts).await;
            }
        }
        match question {
            Question::Count(_) => {
                facts.counted.entry(ask.index).or_insert(Counted::Skipped);
            }
            Question::Repeats(_, at) => {
                facts.repeats.entry(ask.index).or_default().entry(*at).or_insert(Repeats::Skipped);
            }
            _ => {}
        }
    }
    if let Some(replica) = replica {
        let _ = timeout(limits.connect, replica.connection.close()).await;
    }
    look_along(&mut primary, questions, deadline, &mut facts).await;
    let Session { mut connection, usable, .. } = primary;
    // Answers that a dying server left out must not read as "nothing was found".
    if usable {
        match timeout(limits.connect, connection.ping()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(open_error(&error)),
            Err(_) => return Err(OpenError::Unreachable("the session ended silent".into())),
        }
    }
    let _ = timeout(limits.connect, connection.close()).await;
    Ok(facts)
}

/// As [`gather`], where every [`Question::Along`] must have its answer: a server that does not tell could not be asked.
pub async fn gather_whole(
    server: &MySqlConnectOptions,
    questions: &[Question],
    limits: &Limits,
) -> Result<Facts, OpenError> {
    let facts = gather(server, questions, limits).await?;
    let untold = along(questions)
        .into_iter()
        .find(|name| matches!(facts.tables.get(name), Some(Looked::Found(table)) if table.along.is_none()));
    match untold {
        None => Ok(facts),
        Some(name) => {
            Err(OpenError::Unreachable(format!("it did not tell what changes along with {}", name.table)))
        }
    }
}

fn along(questions: &[Question]) -> BTreeSet<TableName> {
    questions
        .iter()
        .filter_map(|question| if let Question::Along(name) = question { Some(name.clone()) } else { None })
        .collect()
}

/// Asked last, since some servers open every table they have for it. What was not answered stays unknown, and costs nothing of the rest.
async fn look_along(session: &mut Session, questions: &[Question], deadline: Instant, facts: &mut Facts) {
    let names = along(questions);
    if names.is_empty() || !session.usable {
        return;
    }
    match timeout_at(deadline, tables::look_along(&mut session.connection, &names, &mut facts.tables)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!(%error, "what changes along with rows is not told");
            session.usable = false;
        }
        // It still blocks the connection.
        Err(_) => session.usable = false,
    }
}

pub(super) async fn open(
    server: &MySqlConnectOptions,
    limits: &Limits,
) -> Result<(MySqlConnection, Flavour, Option<u16>), OpenError> {
    let mut connection = connect(&plain(server), limits.connect).await?;
    let asked = async {
        connection.execute(READS_AS_THE_REVIEW).await?;
        let version: String = connection.fetch_one("SELECT VERSION()").await?.try_get(0)?;
        let flavour = Flavour::of_version(&version).unwrap_or_default();
        let patch = Flavour::patch_of_version(&version);
        for setting in settings(flavour, limits.each) {
            connection.execute(AssertSqlSafe(setting)).await?;
        }
        Ok::<_, sqlx::Error>((flavour, patch))
    };
    match timeout(limits.connect, asked).await {
        Ok(Ok((flavour, patch))) => Ok((connection, flavour, patch)),
        Ok(Err(error)) => Err(open_error(&error)),
        Err(_) => Err(OpenError::Unreachable("the session could not be set up in time".into())),
    }
}

fn settings(flavour: Flavour, each: Duration) -> Vec<String> {
    let mut settings = vec!["SET SESSION TRANSACTION READ ONLY".to_owned()];
    if flavour.is_mariadb() {
        settings.push(format!("SET SESSION max_statement_time = {}", each.as_secs_f64()));
    } else {
        settings.push(format!("SET SESSION max_execution_time = {}", each.as_millis()));
        if flavour.at_least(8, 0) {
            settings.push("SET SESSION information_schema_stats_expiry = 0".to_owned());
        }
        if flavour.at_least(8, 3) {
            settings.push("SET SESSION explain_format = TRADITIONAL".to_owned());
        }
    }
    settings
}

/// Puts one question to a server, unless its time is up.
async fn put(
    session: &mut Session,
    question: &Question,
    stand_in: Option<&str>,
    deadline: Instant,
    limits: &Limits,
    facts: &mut Facts,
) {
    let Some(ask) = question.ask() else { return };
    if session.usable && Instant::now() < deadline && session.select_database(ask).await {
        let answer =
            timeout(Session::bound(limits), one(&mut session.connection, question, stand_in, facts)).await;
        // What did not end by the server's own limit still blocks the connection.
        session.usable = answer.is_ok();
    }
}

/// Whether a question has its answer. That a replica lacks a table is none: it may be about to get it. That it took too
/// long is one: the primary would need as long.
fn is_answered(question: &Question, facts: &Facts) -> bool {
    match question {
        Question::Count(ask) => {
            matches!(facts.counted.get(&ask.index), Some(Counted::Rows(_) | Counted::TimedOut))
        }
        Question::Explain(ask) => facts.explained.contains_key(&ask.index),
        Question::Repeats(ask, at) => {
            let answer = facts.repeats.get(&ask.index).and_then(|answers| answers.get(at));
            !matches!(answer, None | Some(Repeats::Failed(..) | Repeats::Skipped))
        }
        _ => false,
    }
}

/// Asks one question. `stand_in` is the SELECT that counts for a write: its plan is taken where the account may not write
/// and so may not `EXPLAIN` the write itself.
async fn one(
    connection: &mut MySqlConnection,
    question: &Question,
    stand_in: Option<&str>,
    facts: &mut Facts,
) {
    match question {
        Question::Table(_) | Question::Along(_) => {}
        Question::Syntax(ask) => {
            facts.syntax.insert(ask.index, prepare(connection, &ask.sql).await);
        }
        Question::Explain(ask) => {
            let explained = match (explain(connection, &ask.sql).await, stand_in) {
                (None, Some(select)) => explain(connection, select).await,
                (explained, _) => explained,
            };
            if let Some(explained) = explained {
                facts.explained.insert(ask.index, explained);
            }
        }
        Question::Count(ask) => {
            facts.counted.insert(ask.index, count(connection, &ask.sql).await);
        }
        Question::Repeats(ask, at) => {
            let answer = repeats(connection, &ask.sql).await;
            facts.repeats.entry(ask.index).or_default().insert(*at, answer);
        }
    }
}

async fn prepare(connection: &mut MySqlConnection, sql: &str) -> Prepared {
    let Err(error) = connection.prepare(AssertSqlSafe(sql.to_owned()).into_sql_str()).await else {
        return Prepared::Understood;
    };
    match server_error(&error) {
        Some((code, message)) if SYNTAX.contains(&code) => Prepared::SyntaxError(message),
        Some((NOT_PREPARABLE, _)) | None => Prepared::Unknown,
        Some((code, _)) if DENIED.contains(&code) => Prepared::Understood,
        Some((code, message)) => Prepared::Refused(code, message),
    }
}

async fn count(connection: &mut MySqlConnection, sql: &str) -> Counted {
    let text = AssertSqlSafe(sql.to_owned());
    match sqlx::raw_sql(text).fetch_one(connection).await {
        Ok(row) => match row.try_get_unchecked::<u64, _>(0) {
            Ok(rows) => Counted::Rows(rows),
            Err(error) => Counted::Failed(0, error.to_string()),
        },
        Err(error) => match server_error(&error) {
            Some((code, _)) if TIMED_OUT.contains(&code) => Counted::TimedOut,
            Some((code, message)) => Counted::Failed(code, message),
            None => Counted::Failed(0, error.to_string()),
        },
    }
}

async fn repeats(connection: &mut MySqlConnection, sql: &str) -> Repeats {
    let text = AssertSqlSafe(sql.to_owned());
    match sqlx::raw_sql(text).fetch_all(connection).await {
        Ok(rows) => match rows.first().map(|row| row.try_get_unchecked::<u64, _>(0)) {
            None => Repeats::None,
            Some(Ok(unique::NULL)) => Repeats::Null,
            Some(Ok(_)) => Repeats::Rows,
            Some(Err(error)) => Repeats::Failed(0, error.to_string()),
        },
        Err(error) => match server_error(&error) {
            Some((code, _)) if TIMED_OUT.contains(&code) => Repeats::TimedOut,
            Some((code, message)) => Repeats::Failed(code, message),
            None => Repeats::Failed(0, error.to_string()),
        },
    }
}
