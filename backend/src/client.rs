//! A client of the desk's own API, for the command line: one person's token, one language, no state.

use crate::config;
use dbdesk_commands::{lang::Lang, wire::problem::Problem};
use reqwest::{Method, RequestBuilder, Url};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// Tries of a change that got no answer; all under one key, so it is done once at most.
const TRIES: u32 = 3;
const TRY_AGAIN: Duration = Duration::from_millis(300);
/// The largest answer that is read.
const ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// No answer, or not the one hoped for.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The API said no, in the asker's language.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// It does not answer.
    #[error("the API does not answer: {0}")]
    Down(String),
    /// It answered what can not be read.
    #[error("the API answered what can not be read: {0}")]
    Fault(String),
}

/// The client. Its `Debug` does not show the token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: config::Secret,
    lang: Lang,
}

impl Client {
    /// To the API that the configuration names.
    ///
    /// # Errors
    /// A sentence that says which key is wrong.
    pub fn new(config: &config::Client, lang: Lang) -> anyhow::Result<Self> {
        let base: Url = config
            .url
            .parse()
            .map_err(|error| anyhow::anyhow!("`client.url`: “{}” is not a URL: {error}", config.url))?;
        anyhow::ensure!(
            !base.cannot_be_a_base() && matches!(base.scheme(), "http" | "https"),
            "`client.url`: “{base}” must begin with http:// or https://"
        );
        anyhow::ensure!(
            !config.token.is_empty(),
            "there is no token: name a file of mode 0600 with `client.token_file`, or set DBDESK__CLIENT__TOKEN. \
             `dbdesk token create --person NAME` makes one"
        );
        // The API is a neighbour: a proxy of the environment is for the world outside.
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_millis(config.timeout_ms))
            .build()?;
        Ok(Self { http, base, token: config.token.clone(), lang })
    }

    /// `GET /v1/path?query`.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, Trouble> {
        answer(self.request(Method::GET, path)?.query(query)).await
    }

    /// `POST /v1/path`, tried again under the same `key` while no answer comes.
    pub async fn post<T: DeserializeOwned>(
        &self,
        key: &str,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Trouble> {
        let mut tries = 1;
        loop {
            let request = self.request(Method::POST, path)?.header("Idempotency-Key", key).json(body);
            match answer(request).await {
                Err(Trouble::Down(_)) if tries < TRIES => tokio::time::sleep(TRY_AGAIN * tries).await,
                answer => return answer,
            }
            tries += 1;
        }
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Trouble> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Trouble::Fault("its URL can not have a path".to_owned()))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        let request = self.http.request(method, url).bearer_auth(self.token.expose());
        Ok(request.header("Accept-Language", self.lang.tag()))
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Trouble> {
    let lost = |error: reqwest::Error| {
        let error = error.without_url();
        let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
        Trouble::Down(causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}")))
    };
    let mut response = request.send().await.map_err(lost)?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES {
            return Err(Trouble::Fault("more than 32 MB".to_owned()));
        }
    }
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| Trouble::Fault(error.to_string()));
    }
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) => Err(Trouble::Refused(Box::new(problem))),
        Err(_) => Err(Trouble::Fault(format!("{status} without a problem document"))),
    }
}
