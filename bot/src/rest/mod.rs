//! Discord's REST API: twilight-http as the transport (its rate limiter works through a proxy, too), bodies from
//! serenity's builders, answers into serenity's models.

pub mod channels;
pub mod interactions;

use crate::{config::Secret, guard::Reach, reply::message::File};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;
use thiserror::Error;
use twilight_http::{
    Client,
    api_error::ApiError,
    error::ErrorType,
    request::{Form, Request},
    routing::Route,
};

/// One request without its waits for rate limits.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// One request with its waits for rate limits.
const OVERALL_LIMIT: Duration = Duration::from_mins(1);

/// Codes of Discord that decide what happens next.
pub mod code {
    /// The channel or thread is gone.
    pub const UNKNOWN_CHANNEL: u64 = 10_003;
    /// The message is gone.
    pub const UNKNOWN_MESSAGE: u64 = 10_008;
    /// The interaction's answer is gone.
    pub const UNKNOWN_WEBHOOK: u64 = 10_015;
    /// The interaction was not answered in time.
    pub const UNKNOWN_INTERACTION: u64 = 10_062;
    /// The interaction was acknowledged already.
    pub const ACKNOWLEDGED: u64 = 40_060;
    /// The interaction's fifteen minutes are over.
    pub const INVALID_WEBHOOK_TOKEN: u64 = 50_027;
    /// The thread is archived.
    pub const THREAD_ARCHIVED: u64 = 50_083;
    /// The message has a thread already.
    pub const THREAD_EXISTS: u64 = 160_004;
}

/// What went wrong with a request.
#[derive(Debug, Error)]
pub enum RestError {
    /// Discord refused it.
    #[error("Discord refused: {status} {code} {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's code.
        code: u64,
        /// Discord's words.
        message: String,
    },
    /// It may be tried again.
    #[error("Discord is not answering: {0}")]
    Retry(String),
    /// An answer that cannot be read.
    #[error("Discord answered what cannot be read: {0}")]
    Fault(String),
}

impl RestError {
    /// Whether Discord refused with this code.
    #[must_use]
    pub fn is(&self, wanted: u64) -> bool {
        matches!(self, Self::Refused { code, .. } if *code == wanted)
    }
}

/// The client.
#[derive(Debug)]
pub struct Rest {
    client: Client,
}

impl Rest {
    /// To Discord, or to the simulator that `reach` names.
    #[must_use]
    pub fn new(token: &Secret, reach: &Reach) -> Self {
        let mut builder = Client::builder()
            .token(token.expose().to_owned())
            .timeout(REQUEST_LIMIT)
            // An interaction token that ran out is a 401, too; it must not shut the client for good.
            .remember_invalid_token(false);
        if let Some(host) = reach.rest_proxy() {
            builder = builder.proxy(host, true);
        }
        Self { client: builder.build() }
    }

    /// Sends a JSON body, with files as a form, and reads the answer.
    async fn send<T: DeserializeOwned>(
        &self,
        route: Route<'_>,
        body: Option<&impl Serialize>,
        files: &[File],
    ) -> Result<T, RestError> {
        let mut request = Request::builder(&route).use_authorization_token(!by_interaction(&route));
        if let Some(body) = body {
            let json = serde_json::to_vec(body).map_err(|error| RestError::Fault(error.to_string()))?;
            request = if files.is_empty() { request.body(json) } else { request.form(form(&json, files)) };
        }
        let request = request.build().map_err(|error| RestError::Fault(error.to_string()))?;
        let answer = tokio::time::timeout(OVERALL_LIMIT, self.client.request::<Value>(request)).await;
        let response = match answer {
            Err(_) => return Err(RestError::Retry("out of time".to_owned())),
            Ok(Err(error)) => return Err(of_twilight(error)),
            Ok(Ok(response)) => response,
        };
        let bytes = response.bytes().await.map_err(|error| RestError::Retry(error.to_string()))?;
        let bytes = if bytes.is_empty() { b"null".as_slice() } else { bytes.as_slice() };
        serde_json::from_slice(bytes).map_err(|error| RestError::Fault(error.to_string()))
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, route: Route<'_>) -> Result<T, RestError> {
        self.send(route, None::<&Value>, &[]).await
    }

    /// Where the gateway is.
    pub async fn gateway_url(&self) -> Result<String, RestError> {
        let answer: Value = self.get(Route::GetGateway).await?;
        let url = answer.get("url").and_then(Value::as_str);
        url.map(str::to_owned).ok_or_else(|| RestError::Fault("no url of the gateway".to_owned()))
    }

    /// The slash commands as registered.
    pub async fn commands(
        &self,
        application_id: u64,
        guild_id: Option<u64>,
    ) -> Result<Vec<Value>, RestError> {
        let with_localizations = Some(true);
        self.get(match guild_id {
            Some(guild_id) => Route::GetGuildCommands { application_id, guild_id, with_localizations },
            None => Route::GetGlobalCommands { application_id, with_localizations },
        })
        .await
    }

    /// Replaces all slash commands.
    pub async fn set_commands(
        &self,
        application_id: u64,
        guild_id: Option<u64>,
        commands: &[Value],
    ) -> Result<(), RestError> {
        let route = match guild_id {
            Some(guild_id) => Route::SetGuildCommands { application_id, guild_id },
            None => Route::SetGlobalCommands { application_id },
        };
        self.send::<Value>(route, Some(&commands), &[]).await.map(drop)
    }
}

/// These carry a token of their own in the path.
fn by_interaction(route: &Route<'_>) -> bool {
    matches!(route, Route::InteractionCallback { .. } | Route::UpdateInteractionOriginal { .. })
}

fn form(json: &[u8], files: &[File]) -> Form {
    let mut form = Form::new().json_part(b"payload_json", json);
    for (at, file) in files.iter().enumerate() {
        let safe: String = file
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
            .collect();
        form = form.file_part(format!("files[{at}]").as_bytes(), safe.as_bytes(), &file.bytes);
    }
    form
}

fn of_twilight(error: twilight_http::Error) -> RestError {
    let text = error.to_string();
    match error.into_parts().0 {
        ErrorType::Response { status, error: ApiError::General(error), .. } if status.get() < 500 => {
            RestError::Refused { status: status.get(), code: error.code, message: text }
        }
        ErrorType::Response { status, .. } if status.get() < 500 => {
            RestError::Refused { status: status.get(), code: 0, message: text }
        }
        ErrorType::Unauthorized => RestError::Refused { status: 401, code: 0, message: text },
        ErrorType::BuildingRequest
        | ErrorType::CreatingHeader { .. }
        | ErrorType::Json
        | ErrorType::Validation => RestError::Fault(text),
        _ => RestError::Retry(text),
    }
}
