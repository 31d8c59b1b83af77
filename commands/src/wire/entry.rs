//! A ticket's log: everything that can happen to it, in the order it did. The thread in chat is told from it.

use crate::{
    id::{EmergencyId, EntryId, ScheduleId, TaskId, TicketId},
    lang::Said,
    wire::{
        cut_over::CutOver,
        live::Blocker,
        person::{Actor, PersonView},
        task::Priority,
        throttle::Throttle,
        ticket::TicketState,
        waits::Waits,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The ticket was filed and reviewed.
    Filed {
        /// By whom.
        by: Actor,
        /// Statements in it.
        statements: u32,
        /// Bytes of SQL.
        bytes: u64,
    },
    /// A schedule filed it in its owner's name.
    FiledBySchedule {
        /// Its number.
        id: ScheduleId,
        /// What it is called.
        name: String,
        /// For which time.
        due_at: DateTime<Utc>,
        /// So many times before that were missed, since nothing of the desk was up.
        missed: u32,
    },
    /// It takes another ticket back: its SQL was made from what was kept of that one.
    TakesBack {
        /// Which.
        ticket: TicketId,
        /// Rows that it brings back.
        rows: u64,
        /// Rows that are as they were before already.
        back: u64,
        /// Rows that it could bring back, too, and that do not fit into one ticket.
        #[serde(skip_serializing_if = "none", default)]
        rest: u64,
        /// Rows that can come back only when the structure of their tables has.
        #[serde(skip_serializing_if = "none", default)]
        behind: u64,
        /// Rows that it leaves as they are, since somebody changed them after that ticket.
        changed: u64,
        /// The first of them.
        first: Vec<RowChanged>,
        /// Changes of structure that it takes back.
        #[serde(default)]
        structures: u32,
        /// Statements of that ticket of which nothing is kept, from 0.
        without: Vec<u32>,
    },
    /// It brings rows back: its SQL was made from what the binary log has of them.
    RestoresRows {
        /// `database.table`
        table: String,
        /// What was changed from then
        from: DateTime<Utc>,
        /// until then.
        until: DateTime<Utc>,
        /// By so many transactions.
        transactions: u64,
        /// Rows that it brings back.
        rows: u64,
        /// Rows that are as they were before already.
        back: u64,
        /// Rows that it leaves as they are, since somebody changed them after that.
        changed: u64,
        /// The first of them.
        first: Vec<RowChanged>,
    },
    /// A cluster was built, and its first account is asked for.
    AccountAsked {
        /// By this ticket.
        ticket: TicketId,
    },
    /// The first account of a cluster that was built could not be asked for.
    AccountNotAsked {
        /// Why.
        why: Said,
    },
    /// A ticket was filed that takes this one back.
    UndoFiled {
        /// By whom.
        by: Actor,
        /// Which.
        ticket: TicketId,
    },
    /// The SQL was replaced and reviewed again.
    Amended {
        /// By whom.
        by: Actor,
        /// The new revision.
        revision: u32,
        /// Statements in it.
        statements: u32,
    },
    /// The review's certain fixes were taken over, and the SQL was reviewed again.
    Fixed {
        /// By whom.
        by: Actor,
        /// The new revision.
        revision: u32,
        /// Statements in it.
        statements: u32,
        /// The rules whose findings are mended.
        rules: Vec<String>,
        /// The lines that went (`-`) and came (`+`), cut where they are many.
        diff: String,
    },
    /// The requester sent it on to a DBA.
    SentToDba {
        /// By whom.
        by: Actor,
    },
    /// It may run.
    Approved {
        /// A person, or policy.
        by: Actor,
        /// When it will start.
        due_at: DateTime<Utc>,
        /// That is later than asked for: it keeps the server busy, and policy lets such work start in a quiet window only.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        waits_for_quiet: bool,
        /// For whom the person stood in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        stood_in_for: Option<PersonView>,
        /// He decided alone, in this emergency.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        emergency: Option<EmergencyId>,
    },
    /// The password that it made waits to be handed over to the one who asked for it, until then.
    PasswordWaits {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// It was handed over, and is kept nowhere any more.
    PasswordCollected {
        /// To whom.
        by: Actor,
    },
    /// On an instance an account is not as it should be after the work.
    AccountDiffers {
        /// Which instance, `host:port`.
        instance: String,
        /// Which account.
        account: String,
        /// What differs, or why it could not be asked, without secrets.
        what: Said,
    },
    /// Sessions of an account that ended with it.
    SessionsEnded {
        /// How many.
        sessions: u64,
    },
    /// A later ticket has changed the account that it made.
    AccountChanged {
        /// Which.
        ticket: TicketId,
        /// What it did.
        what: AboutAccount,
    },
    /// Nobody fetched the password in time: it is kept no more.
    PasswordLapsed,
    /// What had been made of an account before a failure was removed again.
    TakenAway,
    /// Another ticket has taken back what it did.
    TakenBack {
        /// Which.
        ticket: TicketId,
    },
    /// It made a database where the desk's own accounts may not work yet.
    DeskLacks {
        /// Which.
        database: String,
        /// What a DBA has to run on the primary before SQL can be run there.
        grants: Vec<String>,
    },
    /// Tables that a statement dropped or emptied are kept for a while.
    SetAside {
        /// From 0.
        index: u32,
        /// Which, and where.
        tables: Vec<KeptTable>,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Its account ends soon.
    AccountEnds {
        /// When.
        at: DateTime<Utc>,
        /// So many days before.
        days: u16,
    },
    /// A ticket was filed about the account that it made.
    AboutAccount {
        /// By whom.
        by: Actor,
        /// Which.
        ticket: TicketId,
        /// What it does.
        what: AboutAccount,
    },
    /// Somebody approved it, and others have to as well.
    StepApproved {
        /// By whom.
        by: PersonView,
        /// For whom he stood in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        stood_in_for: Option<PersonView>,
        /// At which step, from 0.
        step: u8,
        /// Of how many.
        steps: u8,
        /// So many more are needed now
        missing: u8,
        /// of this group.
        from: String,
    },
    /// An approval lapsed before all others were given: it does not count any more.
    ApprovalLapsed {
        /// Whose.
        by: PersonView,
    },
    /// It waits for an approval; those who can give it now are reminded.
    Reminded {
        /// Of this group
        from: String,
        /// so many are needed.
        missing: u8,
        /// Those who can, by name; none where they are too many to call each.
        people: Vec<PersonView>,
        /// Counts the reminders, from 1.
        nth: u8,
    },
    /// Its schedule was due again while it had not ended: no other ticket was filed.
    ScheduleDue {
        /// What the schedule is called.
        name: String,
        /// The time that was due.
        due_at: DateTime<Utc>,
    },
    /// The approval was not used in time; it waits for a DBA again.
    ApprovalExpired,
    /// It may not run.
    Rejected {
        /// By whom.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// The requester took it back.
    Withdrawn {
        /// By whom.
        by: Actor,
    },
    /// A DBA moved its start to now.
    RunNow {
        /// By whom.
        by: Actor,
    },
    /// A DBA keeps it from starting.
    Held {
        /// By whom.
        by: Actor,
    },
    /// A DBA lets it start again.
    Released {
        /// By whom.
        by: Actor,
        /// When it will start.
        due_at: DateTime<Utc>,
    },
    /// A DBA asked it to hold.
    PauseAsked {
        /// By whom.
        by: Actor,
    },
    /// A DBA asked it to go on.
    ResumeAsked {
        /// By whom.
        by: Actor,
    },
    /// A DBA (or, before it started, the requester) asked it to stop.
    CancelAsked {
        /// By whom.
        by: Actor,
    },
    /// A DBA set the lag and load above which its running work waits.
    Throttled {
        /// By whom.
        by: Actor,
        /// To what; what is absent is as configured.
        throttle: Throttle,
    },
    /// A DBA said when the copy of a table is to take the table's place.
    CutOverAsked {
        /// By whom.
        by: Actor,
        /// When, once all rows are copied.
        when: CutOver,
    },
    /// A DBA moved it before or behind others.
    Prioritised {
        /// By whom.
        by: Actor,
        /// To where.
        priority: Priority,
    },
    /// A DBA has it tried again, by a new task.
    Retried {
        /// By whom.
        by: Actor,
        /// `failed`, `cancelled` or `lost`: of a lost one he says that the statement `index` did not run.
        was: TicketState,
        /// The first statement of the new task, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// Counts the tries, from 2.
        attempt: u32,
        /// He decided in this emergency.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        emergency: Option<EmergencyId>,
    },
    /// A DBA says that the statement ran of which nobody knew; a new task goes on after it.
    Skipped {
        /// By whom.
        by: Actor,
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// It is made in chunks: the one that was under way ran, and it goes on behind that.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        chunk: bool,
        /// Of other service groups it is not known yet: the ticket stays lost until it is.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        others: bool,
        /// He decided in this emergency.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        emergency: Option<EmergencyId>,
    },
    /// Of several service groups on which nobody knew whether the last statement ran: of one a DBA says that it did not.
    NotRan {
        /// By whom.
        by: Actor,
        /// Which statement, from 0.
        index: u32,
        /// Of how many.
        total: u32,
    },
    /// It is due and does not start yet.
    Waits {
        /// What for.
        waits: Waits,
    },
    /// Closed time has come while it runs: it holds after the statement that runs now, and goes on by itself.
    Holds {
        /// Which closed time, and until when.
        waits: Waits,
    },
    /// The closed time is over: it goes on.
    Opens,
    /// The window that was asked for is over while it runs: it holds until a DBA says what becomes of it.
    WindowOver {
        /// When it was over.
        at: DateTime<Utc>,
    },
    /// The time that was asked for has passed without an approval: it never runs late by itself.
    TimePassed {
        /// Which time.
        at: DateTime<Utc>,
    },
    /// A process claimed the task.
    Started {
        /// The machine.
        host: String,
        /// The process.
        pid: u32,
        /// The fencing token of its lease.
        epoch: u64,
    },
    /// The target can not be reached; nothing is in flight. It is tried again, at most for so long.
    TargetUnreachable {
        /// What was seen, without secrets.
        message: String,
        /// Tried for at most this long before the work is given up.
        limit_ms: u64,
    },
    /// A statement is about to be sent. Written before it is.
    StatementStarted {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// What it touches is kept before it is committed, or else it is not committed.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        kept: bool,
    },
    /// A statement ran.
    StatementDone {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// Rows the server says it changed.
        affected_rows: u64,
        /// How long it took.
        elapsed_ms: u64,
        /// The server's warnings, at most 5.
        warnings: Vec<String>,
    },
    /// A statement failed; the server says that it changed nothing, or how far it got is told by `message`.
    StatementFailed {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// The server's error number, where there is one.
        code: Option<u16>,
        /// The server's words.
        message: String,
    },
    /// A step of a workflow is about to be done. Written before it is.
    StepStarted {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// What is done.
        what: Said,
    },
    /// A step is done, and was seen to be.
    StepDone {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// What was done.
        what: Said,
        /// How long it took.
        elapsed_ms: u64,
    },
    /// A step could not be done. How far it got is told by `why`; it may be done again.
    StepFailed {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// What was to be done.
        what: Said,
        /// Why it is not.
        why: Said,
    },
    /// What a statement touches could not be kept, so it was rolled back.
    RolledBack {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// Why.
        why: Said,
    },
    /// A statement touches more rows than are kept at once: it is made in chunks, each kept and committed by itself.
    InChunks {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// Rows that earlier tasks changed of it: it goes on after them.
        rows: u64,
        /// Rows of its table, by the server's statistics.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        table_rows: Option<u64>,
    },
    /// It stopped between two of them. What is committed stays.
    ChunksStopped {
        /// Which, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// Chunks that are committed, those of earlier tasks included.
        chunks: u32,
        /// Rows that they touched.
        rows: u64,
        /// Why it stopped.
        why: Said,
    },
    /// The rows that a statement touches are not kept: it can not be taken back.
    WithoutUndo {
        /// Which, from 0.
        index: u32,
        /// Why.
        why: Said,
    },
    /// Somebody holds a lock on the table: it is waited for shortly, again and again, so that nobody queues behind it.
    LockWaits {
        /// Which statement, from 0.
        index: u32,
        /// Of how many.
        total: u32,
        /// At most so often.
        tries: u32,
        /// With such a pause in between.
        pause_ms: u64,
        /// Who holds it, where the server tells.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        holder: Option<Blocker>,
    },
    /// All rows of a table are copied: the copy takes its place in the next quiet window.
    CutOverHeld {
        /// When that begins, where there is one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<DateTime<Utc>>,
    },
    /// All rows of a table are copied: the copy takes its place when a DBA says so.
    CutOverAwaited,
    /// After a change of structure a replica does not have what its primary has.
    ReplicaDiffers {
        /// Which replica, `host:port`.
        instance: String,
        /// `database.table`
        table: String,
        /// Why it could not be asked, without secrets; absent where it could.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        problem: Option<String>,
    },
    /// The process holds between two statements.
    Paused,
    /// The process goes on.
    Resumed,
    /// The process vanished with a statement in flight; this is what the server said right after.
    LastSeen {
        /// Which statement, from 0.
        index: u32,
        /// The connection that ran it, by the server's own number.
        connection: u64,
        /// The server, `host:port`.
        instance: String,
        /// What that connection does now.
        seen: Seen,
        /// The server's binary log position at this moment, `file:position`, where the desk may ask for it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        binlog: Option<String>,
    },
    /// After a process had vanished with a statement in flight: what became of it, by what was kept before it was sent.
    Found {
        /// Which, from 0.
        index: u32,
        /// Whether it ran.
        ran: Ran,
        /// It is made in chunks: that of the one that was under way.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        chunk: bool,
        /// What a tool had left, which is removed now.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        cleaned: Vec<String>,
    },
    /// It ended because of what is around it, and every statement may run twice: a new task tries again.
    Repeats {
        /// Counts the tries, from 2.
        attempt: u32,
        /// At most so many.
        most: u32,
        /// When.
        due_at: DateTime<Utc>,
        /// Why the one before ended.
        cause: Cause,
    },
    /// Its process has not proven for so long that it works.
    Silent {
        /// At least so long.
        ms: u64,
    },
    /// Its process answers again.
    Answers,
    /// Its process did not hear that it is to stop, and was told by a signal to end.
    Unheard {
        /// The machine.
        host: String,
        /// The process.
        pid: u32,
        /// The signal stronger than that follows after so long.
        kill_after_ms: u64,
    },
    /// What was done to stop a task whose process did not hear that it is to stop.
    Forced {
        /// The machine.
        host: String,
        /// The process.
        pid: u32,
        /// It was ended by force; else it ended when it was told to.
        killed: bool,
        /// What became of the statement in flight, where there was one.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        query: Option<QueryStop>,
    },
    /// Work on numbered tables of several service groups goes on beside each other.
    LanesOpened {
        /// Those that begin.
        lanes: Vec<LaneOpened>,
    },
    /// One of several lanes ended, and the work goes on in others.
    LaneEnded {
        /// Of which service group.
        group: String,
        /// `done`, `failed`, `cancelled` or `lost`.
        state: TicketState,
        /// Statements of it that ran.
        done: u32,
        /// Its statements in all.
        total: u32,
        /// What is known, where it did not end well.
        cause: Option<Cause>,
    },
    /// What a script logs, some lines at a time.
    ScriptSaid {
        /// The lines.
        lines: Vec<String>,
        /// Lines before these that stand in the task's log alone, or nowhere.
        #[serde(skip_serializing_if = "none", default)]
        left_out: u64,
    },
    /// A script has handed a file over.
    ScriptArtifact {
        /// What it is called.
        name: String,
        /// What is in it.
        media_type: String,
        /// How large it is.
        bytes: u64,
    },
    /// What came of a script, in its own words.
    ScriptResult {
        /// For people.
        summary: String,
        /// For programs.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schema(value_type = Option<Object>)]
        data: Option<serde_json::Value>,
    },
    /// A script did not end well.
    ScriptFailed {
        /// Always 0: it is one piece.
        index: u32,
        /// Of how many.
        total: u32,
        /// How it ended.
        why: Said,
    },
    /// The work ended.
    Ended {
        /// `done`, `failed`, `cancelled` or `lost`.
        state: TicketState,
        /// Statements that ran.
        done: u32,
        /// Statements in all.
        total: u32,
        /// What is known, where it did not end well.
        cause: Option<Cause>,
    },
}

/// A table that is kept under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptTable {
    /// `database.table` as it was.
    pub table: String,
    /// `schema.name` where its rows are.
    pub kept_as: String,
}

/// What a later ticket does to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AboutAccount {
    /// It lives on.
    Renew,
    /// It gets another password.
    Rotate,
    /// Its old password ends.
    EndOld,
    /// Nobody logs in any more.
    Lock,
    /// It is removed.
    Drop,
}

/// A lane that begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneOpened {
    /// On whose servers.
    pub group: String,
    /// So many statements.
    pub statements: u32,
}

/// A row that changed after a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowChanged {
    /// `database.table`
    pub table: String,
    /// Its key, as `id = 7`.
    pub row: String,
    /// The columns that differ; none where the row is gone, or is there again.
    pub columns: Vec<String>,
}

/// Whether a server was asked to stop a statement whose process can not do so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueryStop {
    /// Which statement, from 0.
    pub index: u32,
    /// The server, `host:port`.
    pub instance: String,
    /// The connection that runs it, by the server's own number.
    pub connection: u64,
    /// Why the server could not be asked, without secrets; absent where it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
}

/// Whether a statement ran of which nobody knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ran {
    /// All is as it was before.
    No,
    /// All is as it leaves it.
    Yes,
    /// Neither, or there is nothing to tell by.
    Unknown,
}

/// What a connection of a vanished process does, as the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Seen {
    /// It still runs the statement.
    Runs {
        /// For so long.
        elapsed_ms: u64,
        /// The server's word for what it does.
        stage: String,
    },
    /// It is there and runs nothing.
    Idle,
    /// The server does not know it any more.
    Gone,
    /// The server could not be asked.
    NotAsked {
        /// Why, without secrets.
        message: String,
    },
}

/// Why work ended otherwise than done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A statement failed.
    Statement,
    /// A statement on an account failed or it was cancelled, and what had been made of it was removed again.
    TakenAway,
    /// Some on numbered tables failed; it went on with the others, as it was told to.
    PassedOver,
    /// A lane ended, since another of the same ticket had failed.
    OtherLane,
    /// Not every lane ended well; each has said how it ended.
    Lanes,
    /// A person cancelled it.
    Cancelled,
    /// The target could not be reached before the first statement of what is left.
    TargetDown,
    /// The connection to the target broke in the middle of a statement.
    ConnectionLost,
    /// The process vanished.
    ProcessGone,
    /// The process gave up its lease because it could not prove to the store that it holds it.
    LeaseLost,
    /// The machine's operator (or its shutdown) stopped the process; it finished the statement in flight first.
    Stopped,
    /// The SQL in the store is not what was approved: nothing was sent.
    ContentChanged,
    /// The inventory's primary does not take writes, or there is none: nothing (more) was sent.
    NotPrimary,
    /// A script did not end well; how stands before.
    Script,
}

/// One entry of a ticket's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The cursor.
    pub id: EntryId,
    /// Whose log.
    pub ticket: TicketId,
    /// Which task wrote it, where one did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task: Option<TaskId>,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: Event,
}

/// Answer of `GET /v1/tickets/{id}/log?after=`: at most 200, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Pass as `after` for what comes next.
    pub cursor: u64,
    /// More are there already.
    pub more: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn none(count: &u64) -> bool {
    *count == 0
}
