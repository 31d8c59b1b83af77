//! Table `ticket`: one row a ticket, every change guarded by `version`.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, EntryId, PersonId, ScheduleId, TaskId, TicketId},
    lang::Lang,
    when::When,
    wire::{
        card::CardPlace,
        task::Priority,
        throttle::Throttle,
        ticket::{Risk, TicketState},
    },
};
use sqlx::{FromRow, mysql::MySqlExecutor};

pub use crate::ticket_list::{Filter, behind, page};

/// A ticket's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketRow {
    /// Its number.
    pub id: TicketId,
    /// Grows with each move.
    pub version: u64,
    /// What a move can change.
    pub now: TicketChange,
    /// Which service group.
    pub group: GroupId,
    /// Which database.
    pub database: String,
    /// Who asked.
    pub requester: PersonId,
    /// His team when he filed it.
    pub team: Option<String>,
    /// Why.
    pub reason: String,
    /// How soon its work starts among what is due.
    pub priority: Priority,
    /// The lag and load at which its running work waits, where a DBA has set them.
    pub throttle: Throttle,
    /// Language of card and thread.
    pub lang: Lang,
    /// The schedule that filed it.
    pub schedule: Option<ScheduleId>,
    /// The ticket that it takes back.
    pub takes_back: Option<TicketId>,
    /// The account that it is about.
    pub account: Option<AccountId>,
    /// Where one of several numbered tables fails, it goes on with the next.
    pub goes_on: bool,
    /// Newest entry of its log.
    pub last_entry: u64,
    /// Where its card is in chat.
    pub card: Option<CardPlace>,
    /// When it was filed.
    pub created_at: Time,
    /// When it last moved.
    pub updated_at: Time,
}

/// The part of a ticket that moves change: `TicketChange { state, ..row.now.clone() }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketChange {
    /// Where it stands.
    pub state: TicketState,
    /// Counts the amendments, from 1.
    pub revision: u32,
    /// When it may start, as asked.
    pub when: When,
    /// When it will start, once approved.
    pub due_at: Option<Time>,
    /// How much it can hurt.
    pub risk: Risk,
    /// The person who approved or rejected.
    pub decided_by: Option<PersonId>,
    /// Policy approved it by itself.
    pub approved_by_policy: bool,
    /// The reason given with a rejection.
    pub decision_reason: Option<String>,
    /// The hash of the SQL that was approved.
    pub approved_hash: Option<String>,
    /// When the approval ends if it has not started.
    pub approval_expires_at: Option<Time>,
    /// Its newest task.
    pub task: Option<TaskId>,
}

/// A ticket to be filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTicket {
    /// Which service group.
    pub group: GroupId,
    /// Which database.
    pub database: String,
    /// Who asks.
    pub requester: PersonId,
    /// His team.
    pub team: Option<String>,
    /// Why.
    pub reason: String,
    /// Language of card and thread.
    pub lang: Lang,
    /// The schedule that files it.
    pub schedule: Option<ScheduleId>,
    /// The ticket that it takes back.
    pub takes_back: Option<TicketId>,
    /// The account that it is about.
    pub account: Option<AccountId>,
    /// Where one of several numbered tables fails, it goes on with the next.
    pub goes_on: bool,
    /// Where it stands right after its review.
    pub change: TicketChange,
    /// When.
    pub at: Time,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    version: u64,
    state: String,
    revision: u32,
    service_group_id: u64,
    database_name: String,
    requester_id: u64,
    team: Option<String>,
    reason: String,
    priority: u8,
    max_lag_ms: Option<u64>,
    max_load: Option<u32>,
    when_asked: String,
    due_at: Option<Time>,
    risk: String,
    lang: String,
    decided_by: Option<u64>,
    approved_by_policy: bool,
    decision_reason: Option<String>,
    approved_hash: Option<String>,
    approval_expires_at: Option<Time>,
    task_id: Option<u64>,
    schedule_id: Option<u64>,
    takes_back: Option<u64>,
    account_id: Option<u64>,
    goes_on: bool,
    last_entry: u64,
    card_channel: Option<String>,
    card_message: Option<String>,
    card_thread: Option<String>,
    told_entry: u64,
    created_at: Time,
    updated_at: Time,
}

impl TryFrom<Row> for TicketRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("ticket {} has {what}", row.id));
        let now = TicketChange {
            state: TicketState::of_word(&row.state).ok_or_else(|| strange(&row.state))?,
            revision: row.revision,
            when: When::of_text(&row.when_asked).ok_or_else(|| strange(&row.when_asked))?,
            due_at: row.due_at,
            risk: Risk::of_word(&row.risk).ok_or_else(|| strange(&row.risk))?,
            decided_by: row.decided_by.map(PersonId),
            approved_by_policy: row.approved_by_policy,
            decision_reason: row.decision_reason,
            approved_hash: row.approved_hash,
            approval_expires_at: row.approval_expires_at,
            task: row.task_id.map(TaskId),
        };
        Ok(Self {
            id: TicketId(row.id),
            version: row.version,
            now,
            group: GroupId(row.service_group_id),
            database: row.database_name,
            requester: PersonId(row.requester_id),
            team: row.team,
            reason: row.reason,
            priority: Priority::of_rank(row.priority).ok_or_else(|| strange("no priority"))?,
            throttle: Throttle { max_lag_ms: row.max_lag_ms, max_load: row.max_load },
            lang: Lang::of_locale(&row.lang),
            schedule: row.schedule_id.map(ScheduleId),
            takes_back: row.takes_back.map(TicketId),
            account: row.account_id.map(AccountId),
            goes_on: row.goes_on,
            last_entry: row.last_entry,
            card: card(row.card_channel, row.card_message, row.card_thread, row.told_entry),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// A card has a place when both its channel and its message are known.
pub(crate) fn card(
    channel: Option<String>,
    message: Option<String>,
    thread_id: Option<String>,
    told_entry: u64,
) -> Option<CardPlace> {
    Some(CardPlace { channel_id: channel?, message_id: message?, thread_id, told_entry })
}

/// Reads a ticket.
pub async fn get(pool: &Pool, id: TicketId) -> Result<Option<TicketRow>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM ticket WHERE id = ?").bind(id.0).fetch_optional(pool).await?;
    row.map(TicketRow::try_from).transpose()
}

/// Reads a ticket and locks its row until the transaction ends.
pub async fn lock(tx: &mut Tx, id: TicketId) -> Result<Option<TicketRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM ticket WHERE id = ? FOR UPDATE")
        .bind(id.0)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(TicketRow::try_from).transpose()
}

/// The same of the ticket whose work a task does.
pub(crate) async fn lock_of_task(tx: &mut Tx, task: TaskId) -> Result<Option<TicketRow>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM ticket WHERE id = (SELECT ticket_id FROM task WHERE id = ?) FOR UPDATE",
    )
    .bind(task.0)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(TicketRow::try_from).transpose()
}

/// The newest ticket that takes this one back and has not ended.
pub async fn taking_back(from: impl MySqlExecutor<'_>, id: TicketId) -> Result<Option<TicketId>, Error> {
    let rows: Vec<(u64, String)> =
        sqlx::query_as("SELECT id, state FROM ticket WHERE takes_back = ? ORDER BY id DESC LIMIT 100")
            .bind(id.0)
            .fetch_all(from)
            .await?;
    let is_open =
        |(_, state): &(u64, String)| TicketState::of_word(state).is_some_and(|state| !state.is_final());
    Ok(rows.into_iter().find(is_open).map(|(id, _)| TicketId(id)))
}

/// The newest ticket that took this one back.
pub async fn took_back(from: impl MySqlExecutor<'_>, id: TicketId) -> Result<Option<TicketId>, Error> {
    let other: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM ticket WHERE takes_back = ? AND state = 'done' ORDER BY id DESC LIMIT 1",
    )
    .bind(id.0)
    .fetch_optional(from)
    .await?;
    Ok(other.map(TicketId))
}

/// A ticket that asks for this database on this group, and has not ended. Of two who ask at the same moment the second waits here.
pub async fn asking_for_database(
    tx: &mut Tx,
    group: GroupId,
    database: &str,
) -> Result<Option<TicketId>, Error> {
    sqlx::query("SELECT id FROM service_group WHERE id = ? FOR UPDATE")
        .bind(group.0)
        .fetch_optional(&mut **tx)
        .await?;
    let id: Option<u64> = sqlx::query_scalar(
        "SELECT t.id FROM ticket t JOIN ticket_revision r ON r.ticket_id = t.id AND r.revision = t.revision \
         WHERE t.service_group_id = ? AND t.database_name = ? AND r.request LIKE '{\"make_database\"%' \
         AND t.state NOT IN ('done', 'failed', 'lost', 'rejected', 'withdrawn', 'cancelled') ORDER BY t.id LIMIT 1",
    )
    .bind(group.0)
    .bind(database)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(TicketId))
}

/// The tickets about an account, newest first; at most 50.
pub async fn of_account(from: impl MySqlExecutor<'_>, id: AccountId) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> =
        sqlx::query_scalar("SELECT id FROM ticket WHERE account_id = ? ORDER BY id DESC LIMIT 50")
            .bind(id.0)
            .fetch_all(from)
            .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// Tickets beside `one` that took `first` back, as far as that stands: not those that were taken back themselves.
pub async fn took_back_beside(
    from: impl MySqlExecutor<'_>,
    (first, one): (TicketId, TicketId),
) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT k.id FROM ticket k WHERE k.takes_back = ? AND k.id <> ? AND k.state = 'done' \
         AND NOT EXISTS (SELECT 1 FROM ticket b WHERE b.takes_back = k.id AND b.state = 'done') ORDER BY k.id LIMIT 20",
    )
    .bind(first.0)
    .bind(one.0)
    .fetch_all(from)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// Files a ticket. Its row is locked by that.
pub async fn insert(tx: &mut Tx, new: &NewTicket) -> Result<TicketRow, Error> {
    let change = &new.change;
    let made = sqlx::query(
        "INSERT INTO ticket (state, revision, service_group_id, database_name, requester_id, team, reason, when_asked, due_at, risk, \
         lang, decided_by, approved_by_policy, decision_reason, approved_hash, approval_expires_at, task_id, schedule_id, \
         takes_back, account_id, goes_on, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(change.state.word())
    .bind(change.revision)
    .bind(new.group.0)
    .bind(&new.database)
    .bind(new.requester.0)
    .bind(&new.team)
    .bind(&new.reason)
    .bind(change.when.to_string())
    .bind(change.due_at)
    .bind(change.risk.word())
    .bind(new.lang.tag())
    .bind(change.decided_by.map(|person| person.0))
    .bind(change.approved_by_policy)
    .bind(&change.decision_reason)
    .bind(&change.approved_hash)
    .bind(change.approval_expires_at)
    .bind(change.task.map(|task| task.0))
    .bind(new.schedule.map(|schedule| schedule.0))
    .bind(new.takes_back.map(|ticket| ticket.0))
    .bind(new.account.map(|account| account.0))
    .bind(new.goes_on)
    .bind(new.at)
    .bind(new.at)
    .execute(&mut **tx)
    .await?;
    let id = TicketId(made.last_insert_id());
    lock(tx, id).await?.ok_or_else(|| Error::strange("a ticket just filed is not there"))
}

/// Changes a ticket that was read as `seen`; [`Error::Conflict`] when somebody changed it since. Gives the row after it.
pub async fn move_to(
    tx: &mut Tx,
    seen: &TicketRow,
    change: TicketChange,
    at: Time,
) -> Result<TicketRow, Error> {
    self::change(tx, seen, change, None, at).await
}

/// The same; `told` is its newest entry, if it has one with this change.
pub(crate) async fn change(
    tx: &mut Tx,
    seen: &TicketRow,
    change: TicketChange,
    told: Option<EntryId>,
    at: Time,
) -> Result<TicketRow, Error> {
    let told = told.map(|EntryId(id)| id);
    let done = sqlx::query(
        "UPDATE ticket SET version = version + 1, remind_at = IF(state = ?, remind_at, NULL), \
         reminders = IF(state = ?, reminders, 0), state = ?, revision = ?, when_asked = ?, due_at = ?, risk = ?, \
         decided_by = ?, approved_by_policy = ?, decision_reason = ?, approved_hash = ?, approval_expires_at = ?, \
         task_id = ?, updated_at = ?, last_entry = COALESCE(?, last_entry) WHERE id = ? AND version = ?",
    )
    .bind(change.state.word())
    .bind(change.state.word())
    .bind(change.state.word())
    .bind(change.revision)
    .bind(change.when.to_string())
    .bind(change.due_at)
    .bind(change.risk.word())
    .bind(change.decided_by.map(|person| person.0))
    .bind(change.approved_by_policy)
    .bind(&change.decision_reason)
    .bind(&change.approved_hash)
    .bind(change.approval_expires_at)
    .bind(change.task.map(|task| task.0))
    .bind(at)
    .bind(told)
    .bind(seen.id.0)
    .bind(seen.version)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() != 1 {
        return Err(Error::Conflict);
    }
    let last_entry = told.unwrap_or(seen.last_entry);
    Ok(TicketRow { version: seen.version + 1, now: change, updated_at: at, last_entry, ..seen.clone() })
}

/// Others can act now: they are reminded in their turn. Its row is locked.
pub async fn remind_anew(tx: &mut Tx, id: TicketId) -> Result<(), Error> {
    sqlx::query("UPDATE ticket SET remind_at = NULL, reminders = 0 WHERE id = ?")
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Tickets that wait for an approval and whose turn to be called or reminded of has come, after at most so many reminders.
pub async fn to_remind(pool: &Pool, now: Time, most: u8, limit: u32) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM ticket WHERE state = 'awaiting_approval' AND (remind_at IS NULL OR remind_at <= ? AND reminders < ?) \
         ORDER BY remind_at, id LIMIT ?",
    )
    .bind(now)
    .bind(most)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// A ticket with how often was reminded of it, and when it is its turn again; its row is locked.
pub async fn lock_to_remind(
    tx: &mut Tx,
    id: TicketId,
) -> Result<Option<(TicketRow, u8, Option<Time>)>, Error> {
    let Some(row) = lock(tx, id).await? else { return Ok(None) };
    let (reminders, remind_at) = sqlx::query_as("SELECT reminders, remind_at FROM ticket WHERE id = ?")
        .bind(id.0)
        .fetch_one(&mut **tx)
        .await?;
    Ok(Some((row, reminders, remind_at)))
}

/// Notes the reminder `nth`, and when the next one is due. Its row is locked.
pub async fn reminded(tx: &mut Tx, id: TicketId, nth: u8, next: Time) -> Result<(), Error> {
    sqlx::query("UPDATE ticket SET reminders = ?, remind_at = ? WHERE id = ?")
        .bind(nth)
        .bind(next)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes which priority the ticket's next task has. Its row is locked.
pub async fn prioritise(tx: &mut Tx, id: TicketId, priority: Priority) -> Result<(), Error> {
    sqlx::query("UPDATE ticket SET priority = ? WHERE id = ?")
        .bind(priority.rank())
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes at which lag and load the ticket's running work waits. Its row is locked.
pub async fn throttle(tx: &mut Tx, id: TicketId, throttle: Throttle) -> Result<(), Error> {
    sqlx::query("UPDATE ticket SET max_lag_ms = ?, max_load = ? WHERE id = ?")
        .bind(throttle.max_lag_ms)
        .bind(throttle.max_load)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes where a ticket's card is and how much of the story stands there. The story never gets shorter: an older
/// `told_entry` than the one kept leaves it, and one beyond the log is cut to it. Gives whether the ticket exists.
pub async fn put_card(pool: &Pool, id: TicketId, place: &CardPlace) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE ticket SET card_channel = ?, card_message = ?, card_thread = COALESCE(?, card_thread), \
         told_entry = LEAST(GREATEST(told_entry, ?), last_entry) WHERE id = ?",
    )
    .bind(&place.channel_id)
    .bind(&place.message_id)
    .bind(&place.thread_id)
    .bind(place.told_entry)
    .bind(id.0)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}
