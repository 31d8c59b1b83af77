//! The independent count: each statement of a ticket appends a row to a table on the target that keeps no second one out. What the
//! desk says of its tickets is held against it.

use crate::parts::Engine;
use anyhow::{Context as _, Result, ensure};
use std::{collections::BTreeMap, fmt};

/// The table. A ticket's statements are `INSERT INTO ran VALUES (MARK, INDEX)`; no two tickets have the same mark.
pub const TABLE: &str = "CREATE TABLE shop.ran (ticket INT NOT NULL, statement INT NOT NULL)";

/// What was found; a double or an end that is not true is an error.
#[derive(Debug)]
pub struct Audit {
    tasks: i64,
    ends: BTreeMap<String, u32>,
    slowest_ms: i64,
}

impl Audit {
    /// Tickets that ended so.
    pub fn ended(&self, state: &str) -> u32 {
        self.ends.get(state).copied().unwrap_or_default()
    }

    /// All of them.
    pub fn tickets(&self) -> u32 {
        self.ends.values().sum()
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tasks, ends, slowest_ms } = self;
        write!(
            f,
            "{tasks} tasks: {ends:?}; doubles: 0, silently lost: 0, the longest way to an end: {slowest_ms} ms"
        )
    }
}

/// What the row of a ticket's last task says, beside what the target counted.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    task: String,
    ticket: String,
    done: u32,
    total: u32,
    in_flight: Option<u32>,
    sql_text: Vec<u8>,
    way_ms: Option<i64>,
}

impl Row {
    fn mark(&self) -> Result<String> {
        let sql = String::from_utf8(self.sql_text.clone())?;
        Ok(sql.split(['(', ',']).nth(1).context("a mark")?.to_owned())
    }

    /// Whether the end is true, with so many of its rows on the target.
    fn is_true(&self, rows: u32) -> bool {
        match self.ticket.as_str() {
            "done" => self.task == "succeeded" && rows == self.total,
            // Between two statements all is known.
            "failed" => self.task == "failed" && rows == self.done && self.in_flight.is_none(),
            // Of the one in flight nobody knows.
            "lost" => self.task == "lost" && (rows == self.done || rows == self.done + 1),
            // Not ended: lost silently.
            _ => false,
        }
    }
}

/// Holds every ticket against the table.
pub async fn audit(engine: &Engine) -> Result<Audit> {
    let counted =
        engine.desk.target.sql("SELECT ticket, statement, COUNT(*) FROM shop.ran GROUP BY 1, 2").await?;
    let mut ran = BTreeMap::<(String, String), u32>::new();
    for line in counted.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [ticket, statement, times] = fields[..] else { anyhow::bail!("not three fields: {line}") };
        ran.insert((ticket.into(), statement.into()), times.parse()?);
    }
    let twice: Vec<_> = ran.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(twice.is_empty(), "ran twice: {twice:?}");
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT t.state AS task, k.state AS ticket, t.done, t.total, t.in_flight, r.sql_text, \
         TIMESTAMPDIFF(MICROSECOND, t.due_at, t.ended_at) DIV 1000 AS way_ms FROM task t \
         JOIN ticket k ON k.id = t.ticket_id AND t.id = (SELECT MAX(id) FROM task WHERE ticket_id = k.id) JOIN ticket_revision r ON r.ticket_id = k.id AND r.revision = 1",
    )
    .fetch_all(&engine.desk.pool)
    .await?;
    let tasks: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM task").fetch_one(&engine.desk.pool).await?;
    let mut audit = Audit { tasks, ends: BTreeMap::new(), slowest_ms: 0 };
    for row in rows {
        let mark = row.mark()?;
        let there = (0..row.total).filter(|n| ran.contains_key(&(mark.clone(), n.to_string()))).count();
        ensure!(row.is_true(u32::try_from(there)?), "the target has {there} rows of {row:?}");
        audit.slowest_ms = audit.slowest_ms.max(row.way_ms.unwrap_or_default());
        *audit.ends.entry(row.ticket).or_default() += 1;
    }
    Ok(audit)
}
