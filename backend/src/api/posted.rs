//! A body that was posted: who sent it, whether it was sent before, and what it says.

use super::read_json;
use crate::{
    desk::Desk,
    service::{Caller, Failure, Once, stored},
};
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts as _, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use dbdesk_commands::{
    lang::{Lang, said},
    wire::{
        problem::{Code, Refusal},
        review::MAX_SQL_BYTES,
    },
};
use dbdesk_store::idempotency::{self, Kept, Key};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The SQL as JSON may be twice as long as it is (every character beyond ASCII escaped); and something around it.
const MAX_BODY_BYTES: usize = 2 * MAX_SQL_BYTES + 64 * 1024;
const KEY: &str = "idempotency-key";
const KEY_BYTES: usize = 128;

/// A posted body.
pub(super) struct Posted<T> {
    pub(super) caller: Caller,
    pub(super) done: Done,
    pub(super) body: T,
}

/// Answers, and keeps the answer for the same request again.
pub(super) struct Done {
    pub(super) once: Once,
    lang: Lang,
}

/// The body is not acceptable, or it was sent before and here is the same answer.
pub(super) enum Instead {
    Failed(Failure),
    Answered(Response),
}

impl From<Failure> for Instead {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
impl From<Refusal> for Instead {
    fn from(refusal: Refusal) -> Self {
        Self::Failed(refusal.into())
    }
}

impl IntoResponse for Instead {
    fn into_response(self) -> Response {
        match self {
            Self::Failed(failure) => failure.into_response(),
            Self::Answered(response) => response,
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<Desk>> for Posted<T> {
    type Rejection = Instead;
    async fn from_request(request: Request, desk: &Arc<Desk>) -> Result<Self, Instead> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, desk).await?;
        let name = key_of(&parts.headers)?;
        is_json(&parts.headers)?;
        let bytes = read_whole(&parts.headers, body).await?;
        let mut key = None;
        if let Some(name) = name {
            let asked = Key {
                token: caller.token.id,
                person: caller.person.id,
                key: name,
                request_hash: hash(parts.method.as_str(), parts.uri.path(), &bytes),
            };
            if let Some(kept) = idempotency::get(&desk.store, &asked).await.map_err(Failure::from)? {
                return Err(Instead::Answered(again(desk, &asked, kept, caller.lang).await?));
            }
            key = Some(asked);
        }
        let body = read_json::read(&bytes)?;
        let done = Done { once: Once { key, pressed: None }, lang: caller.lang };
        Ok(Self { caller, done, body })
    }
}

/// A body that is empty.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A body that was put: it may be repeated, so it has no key.
pub(super) struct Put<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Put<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, _state: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        is_json(&parts.headers)?;
        Ok(Self(read_json::read(&read_whole(&parts.headers, body).await?)?))
    }
}

impl Done {
    /// The answer; kept where the request had a key.
    pub(super) async fn answer<T: Serialize>(
        self,
        desk: &Desk,
        status: StatusCode,
        result: Result<T, Failure>,
    ) -> Result<Response, Failure> {
        match (result, self.once.key) {
            (Ok(answer), key) => {
                let body = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
                if let Some(key) = key
                    && let Err(error) = idempotency::keep(&desk.store, &key, &body).await
                {
                    // It is done; the same answer can be made again from what was noted with it.
                    tracing::warn!(%error, "an answer was not kept");
                }
                Ok(json(status, body))
            }
            (Err(Failure::Repeated), Some(key)) => repeated(desk, &key, self.lang).await,
            (Err(failure), _) => Err(failure),
        }
    }

    /// The answer with something in it that is shown once: it is kept nowhere. What its verb kept for the same request again is without.
    pub(super) async fn answer_once<T: Serialize>(
        self,
        desk: &Desk,
        status: StatusCode,
        result: Result<T, Failure>,
    ) -> Result<Response, Failure> {
        let mut response = match (result, self.once.key) {
            (Ok(answer), _) => json(status, serde_json::to_vec(&answer).map_err(anyhow::Error::from)?),
            (Err(Failure::Repeated), Some(key)) => repeated(desk, &key, self.lang).await?,
            (Err(failure), _) => return Err(failure),
        };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }
}

/// The answer to the same request that came at the same moment.
async fn repeated(desk: &Desk, key: &Key, lang: Lang) -> Result<Response, Failure> {
    match idempotency::get(&desk.store, key).await? {
        Some(kept) => again(desk, key, kept, lang).await,
        None => Err(dbdesk_store::Error::Conflict.into()),
    }
}

/// A secret: answered, and kept neither here nor on the way.
pub(super) fn hand_over<T: Serialize>(answer: &T) -> Result<Response, Failure> {
    let body = serde_json::to_vec(answer).map_err(anyhow::Error::from)?;
    let mut response = json(StatusCode::OK, body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (status, json, body).into_response()
}

/// The answer to a request that came before, if this is the same one.
async fn again(desk: &Desk, asked: &Key, kept: Kept, lang: Lang) -> Result<Response, Failure> {
    if kept.request_hash != asked.request_hash {
        return Err(Refusal::new(
            Code::IdempotencyMismatch,
            said!(
                "The Idempotency-Key “{key}” came before with another request. Take a new key for each new request.",
                "Idempotency-Key“{key}”已经用于另一个请求。每个新请求都要换新的 key。",
                key = asked.key
            ),
        )
        .into());
    }
    let (status, body) = stored(desk, kept, lang).await?;
    Ok(json(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), body))
}

fn hash(method: &str, path: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes()] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(body);
    hash.finalize().into()
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get(KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=KEY_BYTES).contains(&text.len()));
    let usable = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    match usable {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Refusal::new(
            Code::BadRequest,
            said!(
                "The header `Idempotency-Key` must be 1 to {KEY_BYTES} visible ASCII characters without spaces.",
                "请求头 `Idempotency-Key` 必须是 1 到 {KEY_BYTES} 个可见的 ASCII 字符，不含空格。"
            ),
        )),
    }
}

fn is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty() || essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    Err(Refusal::new(
        Code::BadRequest,
        said!(
            "The body must be JSON: send `Content-Type: application/json`, not `{kind}`.",
            "请求内容必须是 JSON：请发送 `Content-Type: application/json`，而不是 `{kind}`。",
            kind = kind.chars().take(100).collect::<String>()
        ),
    ))
}

async fn read_whole(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::new(
            Code::TooLarge,
            said!(
                "The body is larger than {MAX_BODY_BYTES} bytes; the SQL in it may have {MAX_SQL_BYTES} (2 MB). Split it into several \
                 tickets.",
                "请求内容超过 {MAX_BODY_BYTES} 字节；其中的 SQL 最多 {MAX_SQL_BYTES} 字节（2 MB）。请拆成几个工单。"
            ),
        )
    };
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(too_large());
    }
    to_bytes(body, MAX_BODY_BYTES).await.map_err(|error| {
        let text = error.to_string();
        if text.contains("length limit") {
            return too_large();
        }
        Refusal::new(
            Code::BadRequest,
            said!("The body did not arrive whole: {text}.", "请求内容没有完整到达：{text}。"),
        )
    })
}
