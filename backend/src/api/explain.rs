//! The outermost layer: gives each request an id and a time limit, turns every failure into a problem document in the asker's
//! language, logs what is our fault once, and counts.

use super::bearer::lang_of;
use crate::{desk::Desk, metrics, service::Failure};
use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use dbdesk_commands::{
    lang::{Lang, Said, said},
    wire::problem::{Code, Problem, Refusal},
};
use dbdesk_store::Error;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// Names the request in the answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Rides in the response until [`explain`] has written it out.
#[derive(Clone)]
struct Carried(Arc<Failure>);

/// With which code this answer refuses, if it does.
pub(super) fn refused_with(response: &Response) -> Option<Code> {
    match &*response.extensions().get::<Carried>()?.0 {
        Failure::Refused(refusal) => Some(refusal.code),
        _ => None,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

pub(super) async fn explain(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let id = desk.chance.bytes::<8>().map(hex::encode).unwrap_or_default();
    let lang = lang_of(request.headers());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let started = Instant::now();
    let limit = Duration::from_millis(desk.config.api.request_timeout_ms);
    let response = match desk.requests.try_acquire() {
        Ok(_turn) => match timeout(limit, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::from(too_slow(limit)).into_response(),
        },
        Err(_) => Failure::from(too_many()).into_response(),
    };
    let mut response = match response.extensions().get::<Carried>().cloned() {
        Some(Carried(failure)) => told(&desk, &failure, lang, &id, &method, &route),
        None => response,
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    desk.metrics.answered(&metrics::Request { method: method.to_string(), route, status }, started.elapsed());
    response
}

fn told(desk: &Desk, failure: &Failure, lang: Lang, id: &str, method: &Method, route: &str) -> Response {
    let (code, said) = match failure {
        Failure::Refused(refusal) | Failure::TooOften { refusal, .. } => (refusal.code, refusal.said.clone()),
        Failure::Store(Error::Conflict) => (Code::Conflict, conflict()),
        Failure::Store(error @ Error::Retry(_)) if error.was_busy() => (Code::Conflict, conflict()),
        Failure::Store(Error::Retry(error)) => {
            tracing::warn!(request = id, %method, route, %error, "our own database does not answer");
            (Code::StoreDown, store_down())
        }
        Failure::Store(Error::Fault(_)) | Failure::Fault(_) | Failure::Repeated => {
            tracing::error!(request = id, %method, route, error = ?failure, "a request failed");
            desk.metrics.fault();
            (Code::Fault, fault(id))
        }
    };
    let mut problem = Problem::new(code, &said, lang);
    if code.status() >= 500 {
        problem.instance = Some(id.to_owned());
    }
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM);
    if code == Code::Unauthenticated {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let retry_after_s = match failure {
        Failure::TooOften { retry_after_s, .. } => Some(*retry_after_s),
        _ => matches!(code, Code::StoreDown | Code::TooMany).then_some(2),
    };
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn conflict() -> Said {
    said!(
        "Somebody changed the same thing in the same moment. Nothing was done; try again.",
        "刚好有别人同时作了修改。这次没有执行任何操作，请再试一次。"
    )
}

fn store_down() -> Said {
    said!(
        "The desk's own database does not answer at the moment. What was filed is safe and what runs runs on; try again in a minute.",
        "工单台自己的数据库暂时没有响应。已提交的工单不会丢失，正在执行的任务会继续；请过一分钟再试。"
    )
}

fn fault(id: &str) -> Said {
    said!(
        "Something went wrong on our side. It was logged; name {id} when you ask a DBA about it.",
        "我们这边出错了，已记录到日志。向 DBA 询问时请提供编号 {id}。"
    )
}

fn too_many() -> Refusal {
    Refusal::new(
        Code::TooMany,
        said!(
            "The desk is answering as many requests as it can. Nothing was done; try again in a few seconds.",
            "工单台正在处理的请求已达上限。这次没有执行任何操作，请过几秒再试。"
        ),
    )
}

fn too_slow(limit: Duration) -> Refusal {
    Refusal::new(
        Code::StoreDown,
        said!(
            "No answer came within {s} seconds, and the request was given up. Look with `/ticket list` whether it was done before \
             you try again.",
            "{s} 秒内没有得到结果，请求已放弃。重试之前，请先用 `/ticket list` 看看是否已经生效。",
            s = limit.as_secs()
        ),
    )
}

pub(super) async fn unknown_path(uri: Uri) -> Failure {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no `{path}` here. `/openapi.json` lists every path.",
            "这里没有 `{path}`。`/openapi.json` 列出了所有路径。",
            path = uri.path().chars().take(100).collect::<String>()
        ),
    )
    .into()
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> Failure {
    Refusal::new(
        Code::BadRequest,
        said!(
            "`{path}` does not take {method}. `/openapi.json` says which methods it takes.",
            "`{path}` 不支持 {method}。支持的方法见 `/openapi.json`。",
            path = uri.path().chars().take(100).collect::<String>()
        ),
    )
    .into()
}
