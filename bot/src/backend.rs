//! The client of the desk's API: the bot's own token, on behalf of the person who acts.

use crate::config::Secret;
use dbdesk_commands::{
    lang::Lang,
    wire::problem::{Code, Problem},
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serenity::model::id::{ChannelId, InteractionId, UserId};
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

/// Answers of lists and single things.
pub const READ_LIMIT: Duration = Duration::from_secs(10);
/// A change with its review, live checks included, and all tries.
pub const WRITE_LIMIT: Duration = Duration::from_mins(1);
/// Waits between tries of a change.
const WAITS_MS: [u64; 5] = [200, 500, 1_000, 2_000, 4_000];
/// So long a service that refuses connections is tried again before the person is told.
const DOWN_LIMIT: Duration = Duration::from_secs(8);
/// So long a change that collides with others is tried again.
const CONFLICT_LIMIT: Duration = Duration::from_secs(2);
/// The largest answer read: a ticket holds 2 MB of SQL, as JSON up to six times that, and its review.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// For whom a request is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum As {
    /// The desk itself, to tell the story in this language.
    Desk(Lang),
    /// A person in chat.
    Person {
        /// His Discord id.
        user: UserId,
        /// His language.
        lang: Lang,
        /// With which interaction he asks.
        interaction: InteractionId,
        /// Where.
        channel: ChannelId,
    },
}

/// No answer, or not the one hoped for.
#[derive(Debug, Error)]
pub enum BackendError {
    /// The API said no, in the person's language.
    #[error("{} ({})", .0.detail, .0.code.word())]
    Refused(Box<Problem>),
    /// Nothing was done; try later.
    #[error("the backend is not answering: {0}")]
    Down(String),
    /// Sent, but no answer came.
    #[error("the backend did not answer in time: {0}")]
    Unknown(String),
    /// An answer that makes no sense.
    #[error("the backend answered what cannot be read: {0}")]
    Fault(String),
}

impl BackendError {
    /// Whether the same may be answered later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(problem) => {
                problem.status >= 500 || matches!(problem.code, Code::TooMany | Code::RateLimited)
            }
            Self::Down(_) | Self::Unknown(_) => true,
            Self::Fault(_) => false,
        }
    }

    /// The API's own code, where it answered with one.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }
}

/// The client.
#[derive(Debug, Clone)]
pub struct Backend {
    http: reqwest::Client,
    base: Url,
    token: Secret,
}

impl Backend {
    /// To the API at `base`.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(base: Url, token: Secret) -> reqwest::Result<Self> {
        // The API is a neighbour: a proxy of the environment is for the world outside.
        let http = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(3)).build()?;
        Ok(Self { http, base, token })
    }

    /// `GET path?query` within `limit`. Not tried again: the caller knows better.
    pub async fn get<T: DeserializeOwned>(
        &self,
        who: &As,
        path: &[&str],
        query: &[(&str, &str)],
        limit: Duration,
    ) -> Result<T, BackendError> {
        let request = self.request(Method::GET, who, path)?.query(query);
        once(request, Instant::now() + limit).await
    }

    /// `GET path` of what is no JSON, within `limit`.
    pub async fn bytes(&self, who: &As, path: &[&str], limit: Duration) -> Result<Vec<u8>, BackendError> {
        let request = self.request(Method::GET, who, path)?;
        match timeout_at(Instant::now() + limit, body(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(BackendError::Unknown("out of time".to_owned())),
        }
    }

    /// `PUT path`: may be repeated, so it needs no key.
    pub async fn put<T: DeserializeOwned>(
        &self,
        who: &As,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, BackendError> {
        once(self.request(Method::PUT, who, path)?.json(body), Instant::now() + READ_LIMIT).await
    }

    /// `DELETE path`: may be repeated, so it needs no key.
    pub async fn delete<T: DeserializeOwned>(&self, who: &As, path: &[&str]) -> Result<T, BackendError> {
        once(self.request(Method::DELETE, who, path)?, Instant::now() + READ_LIMIT).await
    }

    /// `POST path`, tried again under the same key until an answer comes: it is done once at most.
    pub async fn post<T: DeserializeOwned>(
        &self,
        who: &As,
        key: InteractionId,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, BackendError> {
        let started = Instant::now();
        let mut unknown = false;
        let mut waits = WAITS_MS.into_iter();
        loop {
            let request =
                self.request(Method::POST, who, path)?.header("Idempotency-Key", key.to_string()).json(body);
            let error = match once(request, started + WRITE_LIMIT).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let again = match &error {
                BackendError::Down(_) => started.elapsed() < DOWN_LIMIT,
                BackendError::Unknown(_) => started.elapsed() < WRITE_LIMIT,
                BackendError::Refused(problem) => match problem.code {
                    Code::StoreDown => started.elapsed() < DOWN_LIMIT,
                    // Somebody else's change came in between: the API asks to try again.
                    Code::Conflict => started.elapsed() < CONFLICT_LIMIT,
                    _ => false,
                },
                BackendError::Fault(_) => false,
            };
            unknown |= matches!(error, BackendError::Unknown(_));
            match waits.next().filter(|_| again) {
                Some(wait) => sleep(Duration::from_millis(wait)).await,
                None if unknown => return Err(BackendError::Unknown(error.to_string())),
                None => return Err(error),
            }
        }
    }

    fn request(&self, method: Method, who: &As, path: &[&str]) -> Result<RequestBuilder, BackendError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| BackendError::Fault("the backend's url cannot have a path".to_owned()))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        let request = self.http.request(method, url).bearer_auth(self.token.expose());
        Ok(match who {
            As::Desk(lang) => request.header("Accept-Language", lang.tag()),
            As::Person { user, lang, interaction, channel } => request
                .header("Accept-Language", lang.tag())
                .header("X-Dbdesk-Act-As", format!("discord:{user}"))
                .header("X-Dbdesk-Source", format!("discord:{interaction}/{channel}")),
        })
    }
}

async fn once<T: DeserializeOwned>(request: RequestBuilder, deadline: Instant) -> Result<T, BackendError> {
    match timeout_at(deadline, answer(request)).await {
        Ok(answer) => answer,
        Err(_) => Err(BackendError::Unknown("out of time".to_owned())),
    }
}

/// An error with what lies under it: "error sending request" alone says nothing.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, BackendError> {
    let body = body(request).await?;
    let body = if body.is_empty() { b"null".as_slice() } else { body.as_slice() };
    serde_json::from_slice(body).map_err(|error| BackendError::Fault(format!("an answer: {error}")))
}

/// The body of a success.
async fn body(request: RequestBuilder) -> Result<Vec<u8>, BackendError> {
    let lost = |error: reqwest::Error| {
        let (connect, text) = (error.is_connect(), with_causes(&error.without_url()));
        if connect { BackendError::Down(text) } else { BackendError::Unknown(text) }
    };
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_LIMIT {
            return Err(BackendError::Fault("an answer of more than 32 MB".to_owned()));
        }
    }
    if status.is_success() {
        return Ok(body);
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(BackendError::Refused(Box::new(problem))),
        Err(_) if matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE) => {
            Err(BackendError::Down(status.to_string()))
        }
        Err(_) if status == StatusCode::GATEWAY_TIMEOUT => Err(BackendError::Unknown(status.to_string())),
        Err(_) => Err(BackendError::Fault(format!("{status} without a problem document"))),
    }
}
