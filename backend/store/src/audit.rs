//! Tables `audit` and `audit_head`: every decision, each row bound to the one before by its hash. Rows are only ever added.
//!
//! A transaction gathers what is decided in it ([`crate::Tx::decided`]) and appends that when it commits, last of all: the row of the head
//! is locked from then until the commit, so ids and hashes grow in the order of commits, and nobody who waits for the head holds
//! up one who has it.

mod encoded;
mod page;
mod verify;

pub use page::{Filter, page};
pub use verify::{Verdict, Wrong, head, verify, verify_last};

use crate::Error;
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TicketId},
    wire::{
        audit::{SubjectKind, Via, What},
        entry::Event,
        person::Actor,
    },
};
use encoded::Fields;
use serde_json::{Value, json};
use sqlx::{FromRow, MySql, MySqlConnection, QueryBuilder};

/// From where and by whom a transaction was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The person.
    pub person: Option<(PersonId, String)>,
    /// What to call who is no person of the desk: `desk`, or the account of a shell.
    pub otherwise: String,
    /// Over what he came.
    pub via: Via,
    /// The name of his token.
    pub token: Option<String>,
    /// Discord's interaction, the peer's address, or machine and account.
    pub source: Option<String>,
}

impl Default for Origin {
    fn default() -> Self {
        Self { person: None, otherwise: "desk".to_owned(), via: Via::Desk, token: None, source: None }
    }
}

/// What a decision is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A ticket: the row names its revision and the hash of that, as they are at the commit.
    Ticket(TicketId),
    /// Something else, by its number or name.
    Other(SubjectKind, String),
}

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Who began the transaction.
    Himself,
    /// This one, as a ticket's log has it.
    Actor(Actor),
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub what: What,
    /// By whom.
    pub by: By,
    /// About what.
    pub subject: Subject,
    /// More of it. Never SQL, never a secret.
    pub detail: Value,
    /// SHA-256 of the bytes that were decided on, hex; of a ticket it is looked up.
    pub content_hash: Option<String>,
    /// When.
    pub at: Time,
}

impl Decision {
    /// Of who began the transaction, about something that is no ticket.
    #[must_use]
    pub fn new(what: What, kind: SubjectKind, subject: impl Into<String>, detail: Value, at: Time) -> Self {
        let subject = Subject::Other(kind, subject.into());
        Self { what, by: By::Himself, subject, detail, content_hash: None, at }
    }

    /// With the hash of the bytes that were decided on.
    #[must_use]
    pub fn of_bytes(self, hash: impl Into<String>) -> Self {
        Self { content_hash: Some(hash.into()), ..self }
    }
}

/// What an entry of a ticket's log decides, if anything. What a process or a timer tells is no decision.
#[expect(clippy::too_many_lines, reason = "each event is named")]
pub(crate) fn of_event(ticket: TicketId, actor: &Actor, at: Time, event: &Event) -> Option<Decision> {
    let (what, detail) = match event {
        Event::Filed { statements, bytes, .. } => {
            (What::Filed, json!({ "statements": statements, "bytes": bytes }))
        }
        Event::Amended { revision, .. } => (What::Amended, json!({ "revision": revision })),
        // Its diff is SQL.
        Event::Fixed { revision, rules, .. } => {
            (What::Fixed, json!({ "revision": revision, "rules": rules }))
        }
        Event::SentToDba { .. } => (What::SentToDba, json!({})),
        Event::Approved { due_at, stood_in_for, emergency, .. } => {
            let mut detail = json!({ "due_at": due_at });
            if let Some(away) = stood_in_for {
                detail["stood_in_for"] = json!(away.name);
            }
            if let Some(emergency) = emergency {
                detail["emergency"] = json!(emergency);
            }
            (What::Approved, detail)
        }
        Event::StepApproved { step, stood_in_for, .. } => {
            let mut detail = json!({ "step": step });
            if let Some(away) = stood_in_for {
                detail["stood_in_for"] = json!(away.name);
            }
            (What::StepApproved, detail)
        }
        Event::ApprovalLapsed { by } => (What::ApprovalLapsed, json!({ "by": by.name })),
        Event::PasswordCollected { .. } => (What::PasswordCollected, json!({})),
        Event::ApprovalExpired => (What::ApprovalExpired, json!({})),
        // Why stands in the ticket's log.
        Event::Rejected { .. } => (What::Rejected, json!({})),
        Event::Withdrawn { .. } => (What::Withdrawn, json!({})),
        Event::RunNow { .. } => (What::RunNow, json!({})),
        Event::Held { .. } => (What::Held, json!({})),
        Event::Released { due_at, .. } => (What::Released, json!({ "due_at": due_at })),
        Event::PauseAsked { .. } => (What::PauseAsked, json!({})),
        Event::ResumeAsked { .. } => (What::ResumeAsked, json!({})),
        Event::CancelAsked { .. } => (What::CancelAsked, json!({})),
        Event::Throttled { throttle, .. } => (What::Throttled, json!({ "throttle": throttle })),
        Event::CutOverAsked { when, .. } => (What::CutOverAsked, json!({ "when": when })),
        Event::Prioritised { priority, .. } => (What::Prioritised, json!({ "priority": priority })),
        Event::Retried { was, index, attempt, emergency, .. } => (
            What::Retried,
            json!({ "was": was, "index": index, "attempt": attempt, "emergency": emergency }),
        ),
        Event::Skipped { index, chunk, emergency, .. } => {
            (What::Skipped, json!({ "index": index, "chunk": chunk, "emergency": emergency }))
        }
        Event::NotRan { index, .. } => (What::NotRan, json!({ "index": index })),
        Event::UndoFiled { ticket, .. } => (What::UndoFiled, json!({ "ticket": ticket })),
        Event::FiledBySchedule { .. }
        | Event::Reminded { .. }
        | Event::PasswordWaits { .. }
        | Event::AccountDiffers { .. }
        | Event::SessionsEnded { .. }
        | Event::DeskLacks { .. }
        | Event::AccountChanged { .. }
        | Event::PasswordLapsed
        | Event::TakenAway
        // That ticket has a row of its own.
        | Event::AccountAsked { .. }
        | Event::AccountNotAsked { .. }
        | Event::TakenBack { .. }
        | Event::SetAside { .. }
        | Event::AccountEnds { .. }
        // That ticket has a row of its own.
        | Event::AboutAccount { .. }
        | Event::TakesBack { .. }
        | Event::RestoresRows { .. }
        | Event::ScheduleDue { .. }
        | Event::Waits { .. }
        | Event::Holds { .. }
        | Event::Opens
        | Event::WindowOver { .. }
        | Event::TimePassed { .. }
        | Event::Started { .. }
        | Event::TargetUnreachable { .. }
        | Event::StatementStarted { .. }
        | Event::StatementDone { .. }
        | Event::StatementFailed { .. }
        | Event::RolledBack { .. }
        | Event::StepStarted { .. }
        | Event::StepDone { .. }
        | Event::StepFailed { .. }
        | Event::ScriptSaid { .. }
        | Event::ScriptArtifact { .. }
        | Event::ScriptResult { .. }
        | Event::ScriptFailed { .. }
        | Event::InChunks { .. }
        | Event::ChunksStopped { .. }
        | Event::WithoutUndo { .. }
        | Event::LockWaits { .. }
        | Event::CutOverHeld { .. }
        | Event::CutOverAwaited
        | Event::ReplicaDiffers { .. }
        | Event::Paused
        | Event::Resumed
        | Event::LastSeen { .. }
        | Event::Found { .. }
        | Event::Repeats { .. }
        | Event::Silent { .. }
        | Event::Answers
        | Event::Unheard { .. }
        | Event::Forced { .. }
        | Event::LanesOpened { .. }
        | Event::LaneEnded { .. }
        | Event::Ended { .. } => return None,
    };
    // Who stood in for somebody did it as that one.
    let away = match event {
        Event::Approved { stood_in_for, .. } | Event::StepApproved { stood_in_for, .. } => {
            stood_in_for.clone()
        }
        _ => None,
    };
    let by = By::Actor(away.map_or_else(|| actor.clone(), Actor::Person));
    Some(Decision { what, by, subject: Subject::Ticket(ticket), detail, content_hash: None, at })
}

#[derive(FromRow)]
struct Content {
    revision: u32,
    sql_hash: String,
}

#[derive(FromRow)]
struct Head {
    last_id: u64,
    last_hash: Vec<u8>,
}

/// Appends what was decided; the commit must come right after it.
pub(crate) async fn append(
    to: &mut MySqlConnection,
    origin: &Origin,
    decisions: Vec<Decision>,
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(decisions.len());
    for decision in decisions {
        rows.push(fields(to, origin, decision).await?);
    }
    let head: Head = sqlx::query_as("SELECT last_id, last_hash FROM audit_head WHERE id = 1 FOR UPDATE")
        .fetch_one(&mut *to)
        .await?;
    let mut id = head.last_id;
    let mut hash = encoded::hash_of(&head.last_hash)?;
    let mut insert = QueryBuilder::<MySql>::new(
        "INSERT INTO audit (id, at, what, detail, actor_id, actor, as_whom_id, as_whom, via, token, source, subject_kind, subject, \
         revision, content_hash, prev_hash, hash) ",
    );
    insert.push_values(rows, |mut values, mut row| {
        id += 1;
        row.id = id;
        let prev = hash;
        hash = row.hash(&prev);
        row.bind(&mut values);
        values.push_bind(prev.to_vec()).push_bind(hash.to_vec());
    });
    insert.build().execute(&mut *to).await?;
    sqlx::query("UPDATE audit_head SET last_id = ?, last_hash = ? WHERE id = 1")
        .bind(id)
        .bind(hash.to_vec())
        .execute(to)
        .await?;
    Ok(())
}

/// The row of a decision, all but its place in the chain.
async fn fields(to: &mut MySqlConnection, origin: &Origin, decision: Decision) -> Result<Fields, Error> {
    let Decision { what, by, subject, detail, content_hash, at } = decision;
    let detail = serde_json::to_string(&detail).map_err(|error| Error::Fault(error.into()))?;
    let (kind, subject, content) = match subject {
        Subject::Ticket(id) => (SubjectKind::Ticket, id.to_string(), content(to, id).await?),
        Subject::Other(kind, subject) => (kind, subject, None),
    };
    let (revision, content_hash) = match content {
        Some(content) => (Some(content.revision), Some(content.sql_hash)),
        None => (None, content_hash),
    };
    let himself = || match &origin.person {
        Some((id, name)) => (Some(id.0), name.clone()),
        None => (None, origin.otherwise.clone()),
    };
    let ((actor_id, actor), as_whom) = match by {
        By::Himself => (himself(), None),
        By::Actor(Actor::Policy) => ((None, "policy".to_owned()), None),
        By::Actor(Actor::Desk) => ((None, "desk".to_owned()), None),
        By::Actor(Actor::Person(person)) => {
            let is_himself = origin.person.as_ref().is_some_and(|(id, _)| *id == person.id);
            (himself(), (!is_himself).then_some((person.id, person.name)))
        }
    };
    let (as_whom_id, as_whom) = as_whom.map(|(id, name)| (id.0, name)).unzip();
    Ok(Fields {
        id: 0,
        at_ms: at.timestamp_millis(),
        what: what.word().to_owned(),
        detail: cut(detail, DETAIL_BYTES),
        actor_id,
        actor: cut(actor, 128),
        as_whom_id,
        as_whom,
        via: origin.via.word().to_owned(),
        token: origin.token.clone(),
        source: origin.source.clone().map(|source| cut(source, 255)),
        subject_kind: kind.word().to_owned(),
        subject: cut(subject, 128),
        revision,
        content_hash,
    })
}

/// The longest detail.
const DETAIL_BYTES: usize = 16_384;

/// What is too long for its column is cut: nothing that is decided fails by that.
fn cut(mut text: String, bytes: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// What stands in the ticket now.
async fn content(to: &mut MySqlConnection, ticket: TicketId) -> Result<Option<Content>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.revision, r.sql_hash FROM ticket t JOIN ticket_revision r ON r.ticket_id = t.id AND r.revision = t.revision \
         WHERE t.id = ?",
    )
    .bind(ticket.0)
    .fetch_optional(to)
    .await?)
}
