//! Rows as they are read.

use super::encoded::Fields;
use crate::{Error, Pool};
use dbdesk_commands::{
    clock::Time,
    id::PersonId,
    wire::audit::{AuditRow, SubjectKind, Via, What},
};
use sqlx::{FromRow, MySql, QueryBuilder};

#[derive(FromRow)]
pub(super) struct Row {
    id: u64,
    at: Time,
    what: String,
    detail: String,
    actor_id: Option<u64>,
    actor: String,
    as_whom_id: Option<u64>,
    as_whom: Option<String>,
    via: String,
    token: Option<String>,
    source: Option<String>,
    subject_kind: String,
    subject: String,
    revision: Option<u32>,
    content_hash: Option<String>,
    pub(super) prev_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl From<Row> for Fields {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at_ms: row.at.timestamp_millis(),
            what: row.what,
            detail: row.detail,
            actor_id: row.actor_id,
            actor: row.actor,
            as_whom_id: row.as_whom_id,
            as_whom: row.as_whom,
            via: row.via,
            token: row.token,
            source: row.source,
            subject_kind: row.subject_kind,
            subject: row.subject,
            revision: row.revision,
            content_hash: row.content_hash,
        }
    }
}

impl TryFrom<Row> for AuditRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("row {} of the audit log has {what:?}", row.id));
        Ok(Self {
            id: row.id,
            at: row.at,
            what: What::of_word(&row.what).ok_or_else(|| strange(&row.what))?,
            // Where it is no JSON any more it is shown as it is.
            detail: serde_json::from_str(&row.detail).unwrap_or(serde_json::Value::String(row.detail)),
            actor_id: row.actor_id.map(PersonId),
            actor: row.actor,
            as_whom_id: row.as_whom_id.map(PersonId),
            as_whom: row.as_whom,
            via: Via::of_word(&row.via).ok_or_else(|| Error::strange(format!("via {:?}", row.via)))?,
            token: row.token,
            source: row.source,
            subject_kind: SubjectKind::of_word(&row.subject_kind)
                .ok_or_else(|| Error::strange(format!("a subject {:?}", row.subject_kind)))?,
            subject: row.subject,
            revision: row.revision,
            content_hash: row.content_hash,
            prev_hash: hex::encode(row.prev_hash),
            hash: hex::encode(row.hash),
        })
    }
}

/// Which rows. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only about this.
    pub subject: Option<(SubjectKind, String)>,
    /// Only by this person, or in his name.
    pub person: Option<PersonId>,
    /// Only since then.
    pub since: Option<Time>,
    /// Only after this row.
    pub after: u64,
    /// At most so many.
    pub limit: u32,
}

const ROWS: &str = "SELECT id, at, what, detail, actor_id, actor, as_whom_id, as_whom, via, token, source, subject_kind, subject, \
                    revision, content_hash, prev_hash, hash FROM audit WHERE id > ";

/// Rows, oldest first.
pub async fn page(pool: &Pool, filter: &Filter) -> Result<Vec<AuditRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new(ROWS);
    query.push_bind(filter.after);
    if let Some((kind, subject)) = &filter.subject {
        query.push(" AND subject_kind = ").push_bind(kind.word()).push(" AND subject = ").push_bind(subject);
    }
    if let Some(person) = filter.person {
        query
            .push(" AND (actor_id = ")
            .push_bind(person.0)
            .push(" OR as_whom_id = ")
            .push_bind(person.0)
            .push(")");
    }
    if let Some(since) = filter.since {
        query.push(" AND at >= ").push_bind(since);
    }
    query.push(" ORDER BY id LIMIT ").push_bind(filter.limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(AuditRow::try_from).collect()
}

/// The rows after `after` up to `last`, as they stand there.
pub(super) async fn after(pool: &Pool, after: u64, last: u64, limit: u32) -> Result<Vec<Row>, Error> {
    let mut query = QueryBuilder::<MySql>::new(ROWS);
    query.push_bind(after).push(" AND id <= ").push_bind(last).push(" ORDER BY id LIMIT ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(pool).await?)
}
