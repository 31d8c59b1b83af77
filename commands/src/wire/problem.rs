//! Errors on the wire: RFC 9457 problem documents with a stable code.

use crate::lang::{Lang, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $word:literal $status:literal $en:literal $zh:literal;)*) => {
        /// Every way in which the API says no. The word is stable; texts may change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Code {
            /// Every code, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The title.
            #[must_use]
            pub fn title(self) -> Said {
                match self { $(Self::$name => Said::fixed($en, $zh),)* }
            }
        }
    };
}

codes! {
    /// The body or a parameter could not be read.
    BadRequest "bad-request" 400 "The request could not be read" "无法读懂请求";
    /// No token, or one that is not known.
    Unauthenticated "unauthenticated" 401 "No valid token" "没有有效的令牌";
    /// The Discord user is not linked to a person.
    NotLinked "not-linked" 403 "You are not known to the desk yet" "工单台还不认识你";
    /// The person may not do this.
    Forbidden "forbidden" 403 "You may not do this" "你没有权限这样做";
    /// One's own ticket.
    OwnTicket "own-ticket" 403 "Not on your own ticket" "不能审批自己的工单";
    /// It does not exist, or not for the asker.
    NotFound "not-found" 404 "Not found" "找不到";
    /// No such service group.
    UnknownGroup "unknown-group" 404 "Unknown service group" "没有这个服务组";
    /// No such database in the group.
    UnknownDatabase "unknown-database" 404 "Unknown database" "没有这个数据库";
    /// No such rule of the review.
    UnknownRule "unknown-rule" 404 "Unknown rule" "没有这条规则";
    /// The button is of no card.
    UnknownButton "unknown-button" 404 "This button is no longer known" "这个按钮已经失效";
    /// The ticket is not in a state for this.
    WrongState "wrong-state" 409 "Not possible in this state" "当前状态下不能这样做";
    /// Nothing may start now: a freeze, or the time is over.
    Closed "closed" 409 "Closed at this time" "当前时段不能执行";
    /// Somebody decided already.
    AlreadyDecided "already-decided" 409 "Already decided" "已经有人处理过了";
    /// The content changed since it was looked at.
    Stale "stale" 409 "The ticket has changed since" "工单内容已经变了";
    /// The review has no certain fix, or its fixes would not help.
    NoFix "no-fix" 409 "Nothing was mended" "没有作修改";
    /// Nothing was kept, or all is as it was, or changed since.
    NoUndo "no-undo" 409 "Nothing can be taken back" "没有可以撤销的内容";
    /// What is left needs what earlier statements left in a session that is gone.
    SessionGone "session-gone" 409 "It can not go on in a new session" "无法在新会话里继续";
    /// Another change came in between; try again.
    Conflict "conflict" 409 "Changed at the same moment" "同时有别的修改";
    /// The same Idempotency-Key with another body, or its first request still runs.
    IdempotencyMismatch "idempotency-mismatch" 422 "This Idempotency-Key was used for another request" "这个 Idempotency-Key 已用于另一个请求";
    /// The typed name is not the service group's.
    NotConfirmed "not-confirmed" 422 "The typed name does not match" "输入的名称不一致";
    /// The name was typed too long after the button was pressed.
    ConfirmedLate "confirmed-late" 422 "Confirmed too late" "确认超时";
    /// A field's value is out of its range.
    Invalid "invalid" 422 "A value is not acceptable" "某个值不可接受";
    /// The body is too large.
    TooLarge "too-large" 413 "Too large" "内容太大";
    /// Too many requests.
    TooMany "too-many" 429 "Too many requests" "请求太频繁";
    /// This token asked too often; `Retry-After` says when it may again.
    RateLimited "rate-limited" 429 "This token asks too often" "这个令牌的请求过于频繁";
    /// Our own database can not be reached.
    StoreDown "store-down" 503 "The desk's own database is not answering" "工单台自己的数据库没有响应";
    /// The target can not be reached.
    TargetDown "target-down" 503 "The target database is not answering" "目标数据库没有响应";
    /// Our fault; the id leads to the log.
    Fault "fault" 500 "Something is wrong on our side" "我们这边出错了";
}

/// An RFC 9457 problem document (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `/problems/{code}`.
    pub r#type: String,
    /// What kind of thing went wrong.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What, where, why and what to do.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// The request's id, to be named when asking for help.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<String>,
}

impl Problem {
    /// The document for `code` with `detail`, in `lang`.
    #[must_use]
    pub fn new(code: Code, detail: &Said, lang: Lang) -> Self {
        Self {
            r#type: format!("/problems/{}", code.word()),
            title: code.title().in_lang(lang).to_owned(),
            status: code.status(),
            detail: detail.in_lang(lang).to_owned(),
            code,
            instance: None,
        }
    }
}

/// A refusal on its way to the one who asked: a code and a sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// What, where, why and what to do.
    pub said: Said,
}

impl Refusal {
    /// A refusal.
    #[must_use]
    pub fn new(code: Code, said: Said) -> Self {
        Self { code, said }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.word(), self.said.en)
    }
}
impl std::error::Error for Refusal {}
