//! Tickets as they cross HTTP.

use crate::{
    id::{AccountId, ScheduleId, TaskId, TicketId},
    lang::{Lang, Said},
    when::When,
    wire::{
        button::ButtonView,
        card::CardPlace,
        person::PersonView,
        policy::{RequestKind, StepView},
        review::StatementReview,
        task::{Priority, TaskState, TaskView},
        throttle::Throttle,
        waits::Waits,
        why::WhyPerson,
    },
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a ticket stands. The machine that moves it is the crate `dbdesk-ticket`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// The review found errors: the requester amends or withdraws.
    Returned,
    /// A rule failed: the requester amends, sends it to a DBA, or withdraws.
    AwaitingChoice,
    /// A DBA decides.
    AwaitingApproval,
    /// Approved; its task waits for its time.
    Scheduled,
    /// Approved; a DBA keeps it from starting.
    Held,
    /// Its task runs.
    Running,
    /// Its task holds between two statements.
    Paused,
    /// Every statement ran.
    Done,
    /// A statement failed; what ran before it stays.
    Failed,
    /// A DBA said no.
    Rejected,
    /// The requester took it back before it ran.
    Withdrawn,
    /// A DBA or the requester stopped it after approval.
    Cancelled,
    /// Its process vanished in the middle of a statement: nobody knows whether that one ran. A person must look.
    Lost,
}

impl TicketState {
    /// Every state, in the order of a ticket's life.
    pub const ALL: [Self; 13] = [
        Self::Returned,
        Self::AwaitingChoice,
        Self::AwaitingApproval,
        Self::Scheduled,
        Self::Held,
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Failed,
        Self::Rejected,
        Self::Withdrawn,
        Self::Cancelled,
        Self::Lost,
    ];

    /// The word in the store and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::AwaitingChoice => "awaiting_choice",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Scheduled => "scheduled",
            Self::Held => "held",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Lost => "lost",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// What a person reads on the card.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Returned => Said::fixed("Returned: please amend", "已退回，请修改"),
            Self::AwaitingChoice => {
                Said::fixed("Your choice: amend or send to a DBA", "请选择：修改，或转交 DBA")
            }
            Self::AwaitingApproval => Said::fixed("Waiting for a DBA", "等待 DBA 审批"),
            Self::Scheduled => Said::fixed("Approved, waiting for its time", "已批准，等待执行时间"),
            Self::Held => Said::fixed("On hold", "已挂起"),
            Self::Running => Said::fixed("Running", "执行中"),
            Self::Paused => Said::fixed("Paused", "已暂停"),
            Self::Done => Said::fixed("Done", "已完成"),
            Self::Failed => Said::fixed("Failed", "执行失败"),
            Self::Rejected => Said::fixed("Rejected", "已驳回"),
            Self::Withdrawn => Said::fixed("Withdrawn", "已撤回"),
            Self::Cancelled => Said::fixed("Cancelled", "已取消"),
            Self::Lost => Said::fixed("Lost: a DBA must look", "状态不明，需 DBA 核实"),
        }
    }

    /// Nothing moves it by itself any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed | Self::Rejected | Self::Withdrawn | Self::Cancelled | Self::Lost
        )
    }
}

/// How much a ticket can hurt, by what its statements do and to how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Passes all rules and stays within policy's limits.
    Low,
    /// A rule failed, or it is bigger than policy lets pass.
    Medium,
    /// Destroys something: approval asks for the service group's name typed.
    High,
}

impl Risk {
    /// The word in the store and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The risk with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|risk| risk.word() == word)
    }

    /// What a person reads.
    #[must_use]
    pub fn said(self) -> Said {
        match self {
            Self::Low => Said::fixed("low", "低"),
            Self::Medium => Said::fixed("medium", "中"),
            Self::High => Said::fixed("high: destroys data or structure", "高：会破坏数据或结构"),
        }
    }
}

/// What can be done to a ticket. One stem everywhere: `POST /v1/tickets/{id}/{verb}`, buttons, history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TicketVerb {
    /// A DBA says yes to exactly these bytes.
    Approve,
    /// A DBA says no, with a reason.
    Reject,
    /// The requester sends it on although a rule failed.
    SendToDba,
    /// The requester replaces the SQL.
    Amend,
    /// The requester takes over the review's certain fixes.
    Fix,
    /// The requester takes it back.
    Withdraw,
    /// A DBA starts it now instead of at its time.
    Run,
    /// A DBA keeps it from starting, or holds it between two statements.
    Pause,
    /// A DBA lets it start or go on.
    Resume,
    /// A DBA stops it.
    Cancel,
    /// A DBA sets how much lag and load its running work may meet before it waits.
    Throttle,
    /// A DBA keeps the copy of a table from taking the table's place when it is complete.
    HoldCutOver,
    /// A DBA lets it.
    CutOver,
    /// A DBA has it tried again from the statement that failed, or was next; of a lost one he says that this did not run.
    Retry,
    /// A DBA says that the statement in which a lost one ended did run; it goes on after it.
    Skip,
    /// A DBA moves it before or behind others that are due.
    Prioritise,
    /// The requester or a DBA files a ticket that takes it back.
    Undo,
    /// The requester is handed the password of the account that it made, once.
    Collect,
    /// The requester or a DBA files a ticket that lets its account live on.
    Renew,
}

impl TicketVerb {
    /// Every verb, in the order of buttons on a card.
    pub const ALL: [Self; 19] = [
        Self::Approve,
        Self::Reject,
        Self::Fix,
        Self::Amend,
        Self::SendToDba,
        Self::Withdraw,
        Self::Run,
        Self::Pause,
        Self::Resume,
        Self::Cancel,
        Self::Throttle,
        Self::HoldCutOver,
        Self::CutOver,
        Self::Retry,
        Self::Skip,
        Self::Prioritise,
        Self::Undo,
        Self::Collect,
        Self::Renew,
    ];

    /// The word in paths, history and the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::SendToDba => "send-to-dba",
            Self::Amend => "amend",
            Self::Fix => "fix",
            Self::Withdraw => "withdraw",
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Throttle => "throttle",
            Self::HoldCutOver => "hold-cut-over",
            Self::CutOver => "cut-over",
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Prioritise => "prioritise",
            Self::Undo => "undo",
            Self::Collect => "collect",
            Self::Renew => "renew",
        }
    }

    /// The verb with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.word() == word)
    }

    /// The label of its button.
    #[must_use]
    pub fn label(self) -> Said {
        match self {
            Self::Approve => Said::fixed("Approve", "批准"),
            Self::Reject => Said::fixed("Reject", "驳回"),
            Self::SendToDba => Said::fixed("Send to a DBA", "转交 DBA"),
            Self::Amend => Said::fixed("Amend", "修改"),
            Self::Fix => Said::fixed("Apply fixes", "应用修复"),
            Self::Withdraw => Said::fixed("Withdraw", "撤回"),
            Self::Run => Said::fixed("Run now", "立即执行"),
            Self::Pause => Said::fixed("Pause", "暂停"),
            Self::Resume => Said::fixed("Resume", "继续"),
            Self::Cancel => Said::fixed("Cancel", "取消"),
            Self::Throttle => Said::fixed("Throttle", "限速"),
            Self::HoldCutOver => Said::fixed("Hold cut-over", "暂缓切换"),
            Self::CutOver => Said::fixed("Cut over", "切换"),
            Self::Retry => Said::fixed("Try again", "重试"),
            Self::Skip => Said::fixed("It ran: go on", "已执行，继续"),
            Self::Prioritise => Said::fixed("Set priority", "调整优先级"),
            Self::Undo => Said::fixed("Undo", "撤销变更"),
            Self::Collect => Said::fixed("Show the password", "查看密码"),
            Self::Renew => Said::fixed("Renew", "续期"),
        }
    }
}

/// Body of `POST /v1/tickets`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketSubmit {
    /// Which service group.
    pub service_group: String,
    /// Which database of it.
    pub database: String,
    /// The SQL, at most [`super::review::MAX_SQL_BYTES`]; run exactly as written. A table such as
    /// `orders_{0000..0511}` stands for a statement for each number: these are written out before the review, and the ticket's
    /// `sql` is the text written out.
    pub sql: String,
    /// Why, for the one who approves.
    pub reason: String,
    /// `now` (default), `quiet`, an RFC 3339 time, or `YYYY-MM-DD HH:MM` in the group's time zone.
    #[serde(default)]
    pub when: String,
    /// What becomes of the others when one of several numbered tables fails. The first one is run alone: where that fails, it stops.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// The language of the card and the thread; default: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// What becomes of the other numbered tables when one fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The ticket stops there; **Try again** goes on with the one that failed.
    #[default]
    Stop,
    /// It goes on with the next; **Try again** runs those that failed.
    GoOn,
}

/// Body of `POST /v1/tickets/{id}/amend`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketAmend {
    /// The new SQL, ranges such as `orders_{0000..0511}` written out as in a submission.
    pub sql: String,
    /// A new time, written as in a submission; absent keeps the one asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The revision that was amended; refused as stale when another came between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

/// Body of `POST /v1/tickets/{id}/fix`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketFix {
    /// The revision whose fixes were looked at; refused as stale when another came between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

/// Body of `POST /v1/tickets/{id}/approve`, `/run`, `/retry` and `/skip`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketConfirm {
    /// SHA-256 (hex) of the SQL that was looked at; refused when the ticket's content is another by now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_hash: Option<String>,
    /// The service group's name, typed: needed where the risk is high, and where the ticket is lost. Where it is lost on one of
    /// several service groups, the name of that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// Body of `POST /v1/tickets/{id}/prioritise`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketPrioritise {
    /// Which of those that are due starts first.
    pub priority: Priority,
}

/// Body of `POST /v1/tickets/{id}/undo`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketUndo {
    /// Why, for the one who approves; absent: that it takes the other one back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Body of `POST /v1/tickets/{id}/reject`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketReject {
    /// Why not: required, shown to the requester.
    pub reason: String,
}

/// A ticket in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketView {
    /// Its number.
    pub id: TicketId,
    /// Where it stands.
    pub state: TicketState,
    /// Counts the amendments, from 1.
    pub revision: u32,
    /// Which service group.
    pub service_group: String,
    /// `production`, `staging` …
    pub environment: String,
    /// Which database.
    pub database: String,
    /// Who asked.
    pub requester: PersonView,
    /// Why.
    pub reason: String,
    /// What kind of request it is. Only SQL has a review, and can be amended or undone.
    #[serde(default = "sql_kind")]
    pub kind: RequestKind,
    /// The account that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountId>,
    /// The SQL of this revision; of another request the text that people approve.
    pub sql: String,
    /// SHA-256 of it, hex.
    pub sql_hash: String,
    /// When it may start, as asked.
    pub when: When,
    /// When it will start, once approved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<DateTime<Utc>>,
    /// How much it can hurt.
    pub risk: Risk,
    /// What the review said of this revision, in the asker's language.
    pub review: Vec<StatementReview>,
    /// Why a person is needed, while it waits for one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why_person: Option<WhyPerson>,
    /// Who must approve it, one step after the other, and who has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub steps: Vec<StepView>,
    /// The rule of policy that says so, where one fits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// Who decided (approved or rejected): a person's name, or absent where policy did or nobody yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decided_by: Option<PersonView>,
    /// Policy approved it by itself.
    pub approved_by_policy: bool,
    /// The reason given with a rejection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision_reason: Option<String>,
    /// The approval ends then, if it has not started.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approval_expires_at: Option<DateTime<Utc>>,
    /// Language of card and thread.
    pub lang: Lang,
    /// When it was filed.
    pub created_at: DateTime<Utc>,
    /// When it last moved.
    pub updated_at: DateTime<Utc>,
    /// The schedule that filed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub schedule: Option<ScheduleId>,
    /// The ticket that it takes back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub takes_back: Option<TicketId>,
    /// The newest ticket that has taken this one back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub taken_back_by: Option<TicketId>,
    /// Where one of several numbered tables fails, it goes on with the next.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
    /// The lag and load at which its running work waits, where a DBA has set them.
    #[serde(skip_serializing_if = "Throttle::is_unset", default)]
    pub throttle: Throttle,
    /// Its task, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task: Option<TaskView>,
    /// Where it changes tables of several service groups: what each has of its statements.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shares: Vec<Share>,
    /// Buttons for its state.
    pub buttons: Vec<ButtonView>,
    /// Where its card is in chat, and what has been told there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub card: Option<CardPlace>,
    /// Newest entry of its log.
    pub last_entry: u64,
}

fn sql_kind() -> RequestKind {
    RequestKind::Ddl
}

/// What one service group has of a ticket's statements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// Which group.
    pub service_group: String,
    /// Statements that ran.
    pub done: u32,
    /// Statements in all.
    pub total: u32,
    /// How its newest tasks stand, once there are any: the one that needs a person most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<TaskState>,
    /// What it waits for although it is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waits: Option<Waits>,
}

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketLine {
    /// Its number.
    pub id: TicketId,
    /// Where it stands.
    pub state: TicketState,
    /// Which service group.
    pub service_group: String,
    /// Which database.
    pub database: String,
    /// Who asked.
    pub requester: PersonView,
    /// Why.
    pub reason: String,
    /// How much it can hurt.
    pub risk: Risk,
    /// When it was filed.
    pub created_at: DateTime<Utc>,
    /// Its task, once there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task: Option<TaskId>,
    /// Where its card is in chat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub card: Option<CardPlace>,
}

/// Answer of `GET /v1/tickets`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketPage {
    /// At most 50.
    pub tickets: Vec<TicketLine>,
    /// Pass as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_before: Option<TicketId>,
}
