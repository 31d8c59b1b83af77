//! Table `ticket_revision`: the SQL of each revision, byte for byte, and what its review said.

use crate::{Error, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TicketId},
    wire::task::TaskKind,
};
use dbdesk_ticket::{
    admission::{Slot, Touches},
    spread::Spread,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// What a revision's statements do, as far as the engine asks when it decides what may run beside them, and what twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// What kind of work it is.
    pub kind: TaskKind,
    /// The tables that it touches, each `database.table` in lower case; `None` when not all are known.
    pub touches: Touches,
    /// Every statement may run twice.
    pub repeatable: bool,
    /// The script that it runs, where it does.
    pub script: Option<Slot>,
}

/// One revision of a ticket's SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Which ticket.
    pub ticket: TicketId,
    /// Counts from 1.
    pub revision: u32,
    /// What runs.
    pub sql: String,
    /// SHA-256 of it, hex.
    pub sql_hash: String,
    /// What a task counts: its statements, or the parts of what takes back.
    pub statements: u32,
    /// It takes another ticket back, as it was made from what was kept of that one.
    pub takes_back: bool,
    /// The statements that may run although they can not be taken back, from 0, once a person has approved.
    pub without_undo: Vec<u32>,
    /// The statements that a tool makes online, from 0.
    pub online: Vec<u32>,
    /// The statements that may be made in chunks, from 0.
    pub in_chunks: Vec<u32>,
    /// Where they run, where that is not all in one place.
    pub spread: Option<Spread>,
    /// The typed fields that it is made from, where it is no SQL of a person's: JSON of `dbdesk_account::ask::Ask`, or of
    /// `dbdesk_script::Request`.
    pub request: Option<String>,
    /// The review in both languages: JSON of `dbdesk_review::Judged`.
    pub review: String,
    /// What the engine must know of it.
    pub effect: Effect,
    /// Who wrote it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Time,
}

/// Writes a new revision.
pub async fn insert(tx: &mut Tx, revision: &Revision) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO ticket_revision (ticket_id, revision, sql_text, sql_hash, statements, review, kind, touches, repeatable, \
         takes_back, without_undo, online, in_chunks, spread, request, script, created_by, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(revision.ticket.0)
    .bind(revision.revision)
    .bind(revision.sql.as_bytes())
    .bind(&revision.sql_hash)
    .bind(revision.statements)
    .bind(&revision.review)
    .bind(revision.effect.kind.word())
    .bind(touches_text(&revision.effect.touches)?)
    .bind(revision.effect.repeatable)
    .bind(revision.takes_back)
    .bind(list_text(&revision.without_undo)?)
    .bind(list_text(&revision.online)?)
    .bind(list_text(&revision.in_chunks)?)
    .bind(spread_text(revision.spread.as_ref())?)
    .bind(&revision.request)
    .bind(slot_text(revision.effect.script.as_ref())?)
    .bind(revision.created_by.0)
    .bind(revision.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    sql_text: Vec<u8>,
    sql_hash: String,
    statements: u32,
    review: String,
    kind: String,
    touches: Option<String>,
    repeatable: bool,
    takes_back: bool,
    without_undo: Option<String>,
    online: Option<String>,
    in_chunks: Option<String>,
    spread: Option<String>,
    request: Option<String>,
    script: Option<String>,
    created_by: u64,
    created_at: Time,
}

/// One revision.
pub async fn get(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<Revision>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT sql_text, sql_hash, statements, review, kind, touches, repeatable, takes_back, \
         without_undo, online, in_chunks, spread, request, script, created_by, created_at FROM ticket_revision \
         WHERE ticket_id = ? AND revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .fetch_optional(from)
    .await?;
    row.map(|row| {
        let sql = String::from_utf8(row.sql_text).map_err(|error| Error::Fault(error.into()))?;
        Ok(Revision {
            ticket,
            revision,
            sql,
            sql_hash: row.sql_hash,
            statements: row.statements,
            takes_back: row.takes_back,
            without_undo: list_of(row.without_undo.as_deref())?,
            online: list_of(row.online.as_deref())?,
            in_chunks: list_of(row.in_chunks.as_deref())?,
            spread: spread_of(row.spread.as_deref())?,
            request: row.request,
            review: row.review,
            effect: Effect {
                kind: kind_of(&row.kind)?,
                touches: touches_of(row.touches.as_deref())?,
                repeatable: row.repeatable,
                script: slot_of(row.script.as_deref())?,
            },
            created_by: PersonId(row.created_by),
            created_at: row.created_at,
        })
    })
    .transpose()
}

/// Where the statements of one revision run, where that is not all in one place.
pub async fn spread(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<Spread>, Error> {
    let text: Option<Option<String>> =
        sqlx::query_scalar("SELECT spread FROM ticket_revision WHERE ticket_id = ? AND revision = ?")
            .bind(ticket.0)
            .bind(revision)
            .fetch_optional(from)
            .await?;
    spread_of(text.flatten().as_deref())
}

fn spread_text(spread: Option<&Spread>) -> Result<Option<String>, Error> {
    spread.map(serde_json::to_string).transpose().map_err(|error| Error::Fault(error.into()))
}

pub(crate) fn spread_of(text: Option<&str>) -> Result<Option<Spread>, Error> {
    text.map(serde_json::from_str).transpose().map_err(|error| Error::Fault(error.into()))
}

pub(crate) fn kind_of(word: &str) -> Result<TaskKind, Error> {
    TaskKind::of_word(word).ok_or_else(|| Error::strange(format!("{word} is no kind of task")))
}

fn slot_text(slot: Option<&Slot>) -> Result<Option<String>, Error> {
    slot.map(serde_json::to_string).transpose().map_err(|error| Error::Fault(error.into()))
}

pub(crate) fn slot_of(text: Option<&str>) -> Result<Option<Slot>, Error> {
    text.map(serde_json::from_str).transpose().map_err(|error| Error::Fault(error.into()))
}

/// The tables as the store keeps them: a JSON list, NULL when they are not known.
fn touches_text(touches: &Touches) -> Result<Option<String>, Error> {
    let json = touches.as_ref().map(serde_json::to_string).transpose();
    json.map_err(|error| Error::Fault(error.into()))
}

pub(crate) fn touches_of(text: Option<&str>) -> Result<Touches, Error> {
    text.map(serde_json::from_str).transpose().map_err(|error| Error::Fault(error.into()))
}

/// A JSON list; NULL where there is none.
pub(crate) fn list_text(list: &[u32]) -> Result<Option<String>, Error> {
    let json = Some(list).filter(|list| !list.is_empty()).map(serde_json::to_string).transpose();
    json.map_err(|error| Error::Fault(error.into()))
}

pub(crate) fn list_of(text: Option<&str>) -> Result<Vec<u32>, Error> {
    let list = text.map(serde_json::from_str).transpose().map_err(|error| Error::Fault(error.into()))?;
    Ok(list.unwrap_or_default())
}

/// What runs, without what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// SHA-256 of it, hex, as it was when it was written.
    pub hash: String,
    /// It takes another ticket back, as it was made from what was kept of that one.
    #[serde(default)]
    pub takes_back: bool,
    /// The statements that may run although they can not be taken back, from 0.
    #[serde(default)]
    pub without_undo: Vec<u32>,
    /// The statements that a tool makes online, from 0.
    #[serde(default)]
    pub online: Vec<u32>,
    /// The statements that may be made in chunks, from 0.
    #[serde(default)]
    pub in_chunks: Vec<u32>,
    /// The typed fields that it is made from, where it is no SQL of a person's: JSON.
    #[serde(default)]
    pub request: Option<String>,
}

#[derive(FromRow)]
struct SqlRow {
    sql_text: Vec<u8>,
    sql_hash: String,
    takes_back: bool,
    without_undo: Option<String>,
    online: Option<String>,
    in_chunks: Option<String>,
    request: Option<String>,
}

/// The SQL of one revision.
pub async fn sql(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<Sql>, Error> {
    let row: Option<SqlRow> = sqlx::query_as(
        "SELECT sql_text, sql_hash, takes_back, without_undo, online, in_chunks, request FROM ticket_revision WHERE ticket_id = ? AND revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .fetch_optional(from)
    .await?;
    row.map(|row| {
        Ok(Sql {
            text: String::from_utf8(row.sql_text).map_err(|error| Error::Fault(error.into()))?,
            hash: row.sql_hash,
            takes_back: row.takes_back,
            without_undo: list_of(row.without_undo.as_deref())?,
            online: list_of(row.online.as_deref())?,
            in_chunks: list_of(row.in_chunks.as_deref())?,
            request: row.request,
        })
    })
    .transpose()
}

/// What can be steered in the middle of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Steered {
    /// The statements that a tool makes online, from 0.
    pub online: Vec<u32>,
    /// Those that may be made in chunks.
    pub in_chunks: Vec<u32>,
}

/// Which of the statements of one revision can be.
pub async fn steered(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Steered, Error> {
    let lists: Option<(Option<String>, Option<String>)> =
        sqlx::query_as("SELECT online, in_chunks FROM ticket_revision WHERE ticket_id = ? AND revision = ?")
            .bind(ticket.0)
            .bind(revision)
            .fetch_optional(from)
            .await?;
    let (online, in_chunks) = lists.unwrap_or_default();
    Ok(Steered { online: list_of(online.as_deref())?, in_chunks: list_of(in_chunks.as_deref())? })
}

/// The hash and the number of statements of one revision, without the text.
pub async fn hash(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<(String, u32)>, Error> {
    Ok(sqlx::query_as(
        "SELECT sql_hash, statements FROM ticket_revision WHERE ticket_id = ? AND revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .fetch_optional(from)
    .await?)
}
