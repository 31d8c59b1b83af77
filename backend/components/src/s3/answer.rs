//! What S3-compatible storage answers, and what it means.

use chrono::{DateTime, TimeDelta};
use dbdesk_commands::{
    clock::Time,
    lang::{Said, said},
};
use reqwest::{Response, StatusCode, header::DATE};
use std::error::Error;

/// Clocks that differ by so much make signatures that are refused.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why it was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum S3Error {
    /// Nobody answers.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Time,
    /// It can not just now.
    #[error("it is busy: {0}")]
    Busy(String),
    /// There is no such object.
    #[error("the object is gone")]
    Gone,
    /// What is there is not what was put.
    #[error("the object was changed")]
    Changed,
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoBucket,
    /// Who asks is not known, or may not.
    #[error("it refuses: {0}")]
    Denied(String),
    /// Its clock is so many seconds ahead of the desk's.
    #[error("its clock differs by {0} s")]
    Skew(i64),
    /// Something else, as it says it.
    #[error("it answers {0}")]
    Other(String),
}

impl S3Error {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Time | Self::Busy(_))
    }

    /// In words.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Unreachable(why) => said!("it can not be reached: {why}", "无法连接：{why}"),
            Self::Time => said!("it did not answer in time", "没有及时应答"),
            Self::Busy(code) => said!("it is busy: {code}", "暂时繁忙：{code}"),
            Self::Gone => said!("the object is gone", "对象已不存在"),
            Self::Changed => said!("the object was changed since", "对象内容已被改动"),
            Self::NoBucket => said!("there is no such bucket", "存储桶不存在"),
            Self::Denied(code) => said!("it refuses: {code}", "拒绝访问：{code}"),
            Self::Skew(seconds) => {
                said!(
                    "its clock differs from the desk's by {seconds} s",
                    "它的时钟与 dbdesk 相差 {seconds} 秒"
                )
            }
            Self::Other(code) => said!("it answers {code}", "返回 {code}"),
        }
    }
}

/// Reads an answer, at most so many bytes of it.
pub(super) async fn answered(mut answer: Response, most: usize, now: Time) -> Result<Vec<u8>, S3Error> {
    let status = answer.status();
    let told = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let ahead = told.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| date.to_utc() - now);
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| unanswered(&error))? {
        if bytes.len() + chunk.len() > most {
            return Err(S3Error::Changed);
        }
        bytes.extend_from_slice(&chunk);
    }
    if status.is_success() {
        return Ok(bytes);
    }
    Err(refused(status, &code(&String::from_utf8_lossy(&bytes)), ahead))
}

fn refused(status: StatusCode, code: &str, ahead: Option<TimeDelta>) -> S3Error {
    let told = if code.is_empty() { status.as_str() } else { code }.to_owned();
    match status {
        StatusCode::NOT_FOUND if code == "NoSuchBucket" => S3Error::NoBucket,
        StatusCode::NOT_FOUND => S3Error::Gone,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => match ahead {
            // Most storages do not say so: what they refuse is then a signature like any other.
            Some(ahead) if ahead.abs() > SKEW => S3Error::Skew(ahead.num_seconds()),
            _ => S3Error::Denied(told),
        },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => S3Error::Busy(told),
        status if status.is_server_error() => S3Error::Busy(told),
        _ => S3Error::Other(told),
    }
}

/// The code of an error's document, if it has one.
fn code(document: &str) -> String {
    let inner = document.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    inner
        .map(|(code, _)| code.chars().filter(char::is_ascii_alphanumeric).take(64).collect())
        .unwrap_or_default()
}

/// Without the address, which carries a signature.
pub(super) fn unanswered(error: &reqwest::Error) -> S3Error {
    if error.is_timeout() {
        return S3Error::Time;
    }
    let mut why: &dyn Error = error;
    let mut told = None;
    while let Some(source) = why.source() {
        (why, told) = (source, Some(source.to_string()));
    }
    S3Error::Unreachable(told.unwrap_or_else(|| "no connection".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_refuses_is_told_by_its_own_word_and_an_hour_by_the_clock() {
        let document = "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>x</Message></Error>";
        assert_eq!(code(document), "NoSuchBucket");
        assert_eq!(code("<html>"), "");
        let (forbidden, hour) = (StatusCode::FORBIDDEN, Some(TimeDelta::hours(-1)));
        assert_eq!(refused(forbidden, "AccessDenied", hour), S3Error::Skew(-3_600));
        assert_eq!(refused(forbidden, "AccessDenied", None), S3Error::Denied("AccessDenied".into()));
        assert_eq!(refused(StatusCode::NOT_FOUND, "NoSuchBucket", None), S3Error::NoBucket);
        assert_eq!(refused(StatusCode::NOT_FOUND, "", None), S3Error::Gone);
        assert_eq!(
            refused(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", None),
            S3Error::Busy("SlowDown".into())
        );
        assert_eq!(refused(StatusCode::MOVED_PERMANENTLY, "", None), S3Error::Other("301".into()));
    }
}
