//! The independent count: each statement of a ticket appends a row to a table on the target that keeps no second one out. What the
//! desk says of its tickets is held against it.

use crate::parts::Engine;
use anyhow::{Context as _, Result, ensure};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

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

/// What the row of a task says, and where its ticket stands.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    ticket_id: u64,
    task: String,
    ticket: String,
    done: u32,
    total: u32,
    todo: Option<String>,
    in_flight: Option<u32>,
    sql_text: Vec<u8>,
    way_ms: Option<i64>,
}

impl Row {
    fn mark(&self) -> Result<String> {
        let sql = String::from_utf8(self.sql_text.clone())?;
        Ok(sql.split(['(', ',']).nth(1).context("a mark")?.to_owned())
    }

    /// Whether what the target has of this statement is what the row says; of one in flight nobody knows. A task that is tried again by
    /// itself leaves what it did not run to the next: `later`.
    fn is_true_of(&self, index: u32, there: bool, later: bool) -> bool {
        let unknown = self.task == "lost" && self.in_flight == Some(index);
        unknown || (index < self.done) == there || later && there
    }

    fn todo(&self) -> Result<Vec<u32>> {
        Ok(match &self.todo {
            Some(todo) => serde_json::from_str(todo)?,
            None => (0..self.total).collect(),
        })
    }
}

/// Rows by mark and statement, on one target.
async fn counted(target: &lab::Server, ran: &mut BTreeMap<(String, u32), u32>) -> Result<()> {
    let counted = target.sql("SELECT ticket, statement, COUNT(*) FROM shop.ran GROUP BY 1, 2").await?;
    for line in counted.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [ticket, statement, times] = fields[..] else { anyhow::bail!("not three fields: {line}") };
        *ran.entry((ticket.into(), statement.parse()?)).or_default() += times.parse::<u32>()?;
    }
    Ok(())
}

/// Holds every ticket against the tables on these targets.
pub async fn audit(engine: &Engine, targets: &[&lab::Server]) -> Result<Audit> {
    let mut ran = BTreeMap::new();
    for target in targets {
        counted(target, &mut ran).await?;
    }
    let twice: Vec<_> = ran.iter().filter(|(_, times)| **times > 1).collect();
    ensure!(twice.is_empty(), "ran twice: {twice:?}");
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT k.id AS ticket_id, t.state AS task, k.state AS ticket, t.done, t.total, t.todo, t.in_flight, r.sql_text, \
         TIMESTAMPDIFF(MICROSECOND, t.due_at, t.ended_at) DIV 1000 AS way_ms FROM task t \
         JOIN ticket k ON k.id = t.ticket_id JOIN ticket_revision r ON r.ticket_id = k.id AND r.revision = 1 ORDER BY t.id DESC",
    )
    .fetch_all(&engine.desk.pool)
    .await?;
    let mut audit = Audit { tasks: i64::try_from(rows.len())?, ends: BTreeMap::new(), slowest_ms: 0 };
    let mut states = BTreeMap::<u64, (String, String, u32)>::new();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let mark = row.mark()?;
        for index in row.todo()? {
            let there = ran.contains_key(&(mark.clone(), index));
            let later = !seen.insert((row.ticket_id, index));
            ensure!(row.is_true_of(index, there, later), "statement {index}, there: {there}, of {row:?}");
        }
        audit.slowest_ms = audit.slowest_ms.max(row.way_ms.unwrap_or_default());
        states.insert(row.ticket_id, (row.ticket.clone(), mark, row.total));
    }
    for (ticket, (state, mark, total)) in states {
        let all = (0..total).all(|index| ran.contains_key(&(mark.clone(), index)));
        let is_final = matches!(state.as_str(), "done" | "failed" | "lost");
        ensure!(is_final && (state != "done" || all), "T-{ticket} is {state}, all there: {all}");
        *audit.ends.entry(state).or_default() += 1;
    }
    Ok(audit)
}
