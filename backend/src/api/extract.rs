//! What stands in the path and behind the question mark.

use super::bearer;
use crate::{
    desk::Desk,
    service::{Failure, scope},
};
use axum::{
    extract::{FromRequestParts, Query, RawPathParams},
    http::request::Parts,
};
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    id::{
        AccountId, ButtonId, DelegationId, EmergencyId, FreezeId, NoticeId, RestoreId, ScheduleId, TaskId,
        TicketId,
    },
    lang::{Said, said},
    wire::problem::{Code, Refusal},
};
use dbdesk_store::token::Token;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// What the last part of a path can name.
pub trait Named: Sized + Send + Sync {
    /// From how it is written there.
    fn named(text: &str) -> Result<Self, Refusal>;
    /// Refuses, as if there were none, what the token does not reach.
    fn reached(&self, desk: &Desk, token: &Token) -> impl Future<Output = Result<(), Failure>> + Send;
}

macro_rules! numbered {
    ($($name:ident $example:literal $reached:path;)*) => {$(
        impl Named for $name {
            fn named(text: &str) -> Result<Self, Refusal> {
                text.parse().map_err(|_| not_an_id(text, $example))
            }

            async fn reached(&self, desk: &Desk, token: &Token) -> Result<(), Failure> {
                match &token.what.within {
                    Within::All => Ok(()),
                    some => $reached(desk, some, *self).await,
                }
            }
        }
    )*};
}

numbered! {
    AccountId "A-42" scope::account;
    TicketId "T-42" scope::ticket;
    FreezeId "F-42" scope::freeze;
    ScheduleId "S-42" scope::schedule;
    RestoreId "R-42" scope::restore;
    TaskId "K-42" scope::task;
    EmergencyId "EM-42" scope::emergency;
    DelegationId "D-42" scope::everybody;
    NoticeId "N-42" scope::everybody;
}

impl Named for ButtonId {
    fn named(text: &str) -> Result<Self, Refusal> {
        Ok(Self(text.to_owned()))
    }

    async fn reached(&self, desk: &Desk, token: &Token) -> Result<(), Failure> {
        // The bot's token is for every button; the person for whom it acts is asked for what he may.
        if token.is_bot() { Ok(()) } else { scope::button(desk, token, self).await }
    }
}

/// A service group's name.
pub struct GroupName(pub String);

impl Named for GroupName {
    fn named(text: &str) -> Result<Self, Refusal> {
        Ok(Self(text.to_owned()))
    }

    async fn reached(&self, desk: &Desk, token: &Token) -> Result<(), Failure> {
        match &token.what.within {
            Within::All => Ok(()),
            some @ Within::Only(_) => scope::group(desk, some, &self.0).await,
        }
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(pub String);

        impl Named for $name {
            fn named(text: &str) -> Result<Self, Refusal> {
                Ok(Self(text.to_owned()))
            }

            async fn reached(&self, _desk: &Desk, _token: &Token) -> Result<(), Failure> {
                Ok(())
            }
        }
    )*};
}

names! {
    /// A rule's name; rules are everybody's.
    RuleName;
    /// A script's name; who may run it is asked after this.
    ScriptName;
    /// A person's name; who may do something to him is asked after this.
    PersonName;
    /// The id of a notice's button; who may press it is asked after this.
    NoticeButtonId;
    /// The id of a draft; whose it is is seen where it is looked up.
    DraftId;
    /// A token's name; whose it is is seen where it is looked up.
    TokenName;
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

/// What the path names, if the token reaches it.
pub struct At<T>(pub T);

impl<T: Named> FromRequestParts<Arc<Desk>> for At<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Failure> {
        let path = RawPathParams::from_request_parts(parts, desk).await.map_err(|error| {
            Refusal::new(
                Code::BadRequest,
                said!("The path can not be read: {error}.", "无法读懂路径：{error}。"),
            )
        })?;
        let text = path.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
        let named = T::named(&text)?;
        named.reached(desk, &bearer::asker(parts)?.token).await?;
        Ok(Self(named))
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
