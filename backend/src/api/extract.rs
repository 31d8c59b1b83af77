//! What stands in the path and behind the question mark.

use crate::service::Failure;
use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::request::Parts,
};
use dbdesk_commands::{
    id::{DelegationId, EmergencyId, FreezeId, NoticeId, RestoreId, ScheduleId, TaskId, TicketId},
    lang::{Said, said},
    wire::problem::{Code, Refusal},
};
use serde::de::DeserializeOwned;

/// What the last part of a path can name.
pub trait Named: Sized {
    /// From how it is written there.
    fn named(text: &str) -> Result<Self, Refusal>;
}

impl Named for String {
    fn named(text: &str) -> Result<Self, Refusal> {
        Ok(text.to_owned())
    }
}

impl Named for TicketId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "T-42"))
    }
}

impl Named for FreezeId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "F-42"))
    }
}

impl Named for ScheduleId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "S-42"))
    }
}

impl Named for RestoreId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "R-42"))
    }
}

impl Named for DelegationId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "D-42"))
    }
}

impl Named for EmergencyId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "EM-42"))
    }
}

impl Named for NoticeId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "N-42"))
    }
}

impl Named for TaskId {
    fn named(text: &str) -> Result<Self, Refusal> {
        text.parse().map_err(|_| not_an_id(text, "K-42"))
    }
}

fn not_an_id(text: &str, example: &str) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "“{text}” is not a number such as {example} or 42.",
            "“{text}”不是 {example} 或 42 这样的编号。",
            text = text.chars().take(40).collect::<String>()
        ),
    )
}

/// What the path names.
pub struct At<T>(pub T);

impl<T: Named, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = RawPathParams::from_request_parts(parts, state).await.map_err(|error| {
            Refusal::new(
                Code::BadRequest,
                said!("The path can not be read: {error}.", "无法读懂路径：{error}。"),
            )
        })?;
        let text = path.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
        Ok(Self(T::named(&text)?))
    }
}

/// The query, with every fault told.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        match Query::try_from_uri(&parts.uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(error) => {
                let sentence = root(&error);
                let (name, why) = sentence.split_once(": ").unwrap_or(("?", &sentence));
                let Said { en, zh } = super::read_json::said(why);
                Err(Refusal::new(
                    Code::BadRequest,
                    said!(
                        "`{name}` in the query can not be read: {en}.",
                        "查询参数 `{name}` 无法读懂：{zh}。"
                    ),
                )
                .into())
            }
        }
    }
}

/// The sentence of the innermost error.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// The cursor of a ticket that the asker wrote as text; none where it is left out.
pub(super) fn ticket_of(text: Option<&str>) -> Result<Option<TicketId>, Failure> {
    text.map(|text| TicketId::named(text).map_err(Failure::from)).transpose()
}

/// The same for a task.
pub(super) fn task_of(text: Option<&str>) -> Result<Option<TaskId>, Failure> {
    text.map(|text| TaskId::named(text).map_err(Failure::from)).transpose()
}
