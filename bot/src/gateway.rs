//! The gateway: twilight's shard for the socket, its JSON read into serenity's models.
//!
//! twilight doubles its wait with every failed try and drops the resume address at the first; here a failed try gets a
//! fresh shard with the old session, so that the bot is back within a second of the gateway, and resumes.

use crate::{
    config::Secret,
    guard::{Astray, Reach},
};
use futures_util::StreamExt as _;
use serde::Deserialize;
use serde_json::value::RawValue;
use serenity::model::{application::Interaction, gateway::Ready};
use std::{borrow::Cow, time::Duration};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};
use twilight_gateway::{Config, ConfigBuilder, Intents, Message, Session, Shard, ShardId, ShardState};

/// Waits after a first, second … failed try in a row; the last one repeats.
const WAITS_MS: [u64; 3] = [100, 250, 500];
/// The wait once a gateway has been away for [`LONG_OUTAGE`].
const LONG_WAIT: Duration = Duration::from_secs(5);
/// From then on it is asked less often.
const LONG_OUTAGE: Duration = Duration::from_mins(10);
/// A connection that has not become a session by then is given up.
const SESSION_LIMIT: Duration = Duration::from_secs(10);
/// So many tries go to the address for resuming before the first address is used again.
const RESUME_TRIES: u32 = 5;

/// What comes through the gateway.
#[derive(Debug)]
pub enum Heard {
    /// A session began.
    Ready(Box<Ready>),
    /// A session goes on after a break; what was missed has been replayed.
    Resumed,
    /// Somebody asks something.
    Interaction(Box<Interaction>),
    /// Somebody asks something that could not be read.
    Unreadable {
        /// The interaction.
        id: u64,
        /// Its token.
        token: String,
        /// Why.
        error: String,
    },
}

/// The gateway is not to be had, and trying again will not help.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// It leads elsewhere.
    #[error(transparent)]
    Astray(#[from] Astray),
    /// It closed for good.
    #[error("Discord closed the gateway for good ({code}): {advice}")]
    Fatal {
        /// The close code.
        code: u16,
        /// What to do.
        advice: &'static str,
    },
}

fn advice(code: u16) -> &'static str {
    match code {
        4004 => "the token is not valid. Copy it again from the developer portal (Bot, Reset Token).",
        4010 | 4011 => "the bot is in too many guilds for one connection; it is made for one.",
        4012 => "this version of the gateway is no longer served. A newer dbdesk-bot is needed.",
        4013 | 4014 => "Discord does not allow the intents asked for. The bot needs none that is privileged.",
        _ => "see Discord's list of close codes.",
    }
}

/// A frame, as far as it concerns us.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    t: Option<Cow<'a, str>>,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
}

/// Listens for good; gives back an error that trying again will not mend, its own or one of `hear`.
pub async fn listen<E: From<GatewayError>>(
    token: &Secret,
    url: &str,
    reach: &Reach,
    mut hear: impl FnMut(Heard) -> Result<(), E>,
) -> E {
    if let Err(astray) = reach.check_gateway(url) {
        return GatewayError::from(astray).into();
    }
    let builder = ConfigBuilder::new(token.expose().to_owned(), Intents::GUILDS);
    let base = builder.proxy_url(url.trim_end_matches('/').to_owned()).build();
    let mut link = Link { base, shard: None, resume: None, resume_url: None, failures: 0, lost_at: None };
    loop {
        let heard = match link.next().await {
            Next::Text(text) => read(&text),
            Next::Again => None,
            Next::Over(code) => return GatewayError::Fatal { code, advice: advice(code) }.into(),
        };
        if let Some(Heard::Ready(ready)) = &heard
            && let Err(astray) = reach.check_gateway(&ready.resume_gateway_url)
        {
            return GatewayError::from(astray).into();
        }
        if let Some(Err(error)) = heard.map(&mut hear) {
            return error;
        }
    }
}

enum Next {
    Text(String),
    Again,
    Over(u16),
}

/// The connection and what is needed to take it up again.
struct Link {
    base: Config,
    shard: Option<Shard>,
    resume: Option<Session>,
    resume_url: Option<String>,
    failures: u32,
    lost_at: Option<Instant>,
}

impl Link {
    async fn next(&mut self) -> Next {
        let shard = self.shard.get_or_insert_with(|| {
            let mut builder = ConfigBuilder::from(self.base.clone());
            if let Some(session) = self.resume.take() {
                builder = builder.session(session);
                if let Some(url) = self.resume_url.clone().filter(|_| self.failures < RESUME_TRIES) {
                    builder = builder.resume_url(url);
                }
            }
            Shard::with_config(ShardId::ONE, builder.build())
        });
        let item = if matches!(shard.state(), ShardState::Active) {
            Ok(shard.next().await)
        } else {
            timeout(SESSION_LIMIT, shard.next()).await
        };
        match item {
            Ok(Some(Ok(Message::Text(text)))) => {
                if shard.state() == ShardState::Active {
                    self.session_is_there();
                }
                Next::Text(text)
            }
            Ok(Some(Ok(Message::Close(frame)))) => {
                let code = frame.map(|frame| frame.code);
                if shard.state() == ShardState::FatallyClosed {
                    return Next::Over(code.unwrap_or_default());
                }
                self.lost(&format!("closed, code {code:?}")).await
            }
            Ok(Some(Err(error))) if shard.state() == ShardState::Active => {
                tracing::warn!(%error, "an event of the gateway could not be read");
                Next::Again
            }
            Ok(Some(Err(error))) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                self.lost(&format!("{error}: {cause}")).await
            }
            Ok(None) => Next::Over(0),
            Err(_) => self.lost("no session in time").await,
        }
    }

    fn session_is_there(&mut self) {
        if let Some(url) = self.shard.as_ref().and_then(Shard::resume_url) {
            self.resume_url = Some(url.to_owned());
        }
        if let Some(lost_at) = self.lost_at.take() {
            let away_ms = u64::try_from(lost_at.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(away_ms, tries = self.failures, "the gateway is back");
        }
        self.failures = 0;
    }

    /// Keeps the session, waits a little, and lets the next call connect anew.
    async fn lost(&mut self, why: &str) -> Next {
        self.resume = self.shard.take().and_then(|shard| shard.session().cloned());
        let first = self.lost_at.is_none();
        let lost_at = *self.lost_at.get_or_insert_with(Instant::now);
        if first {
            tracing::warn!(why, resumable = self.resume.is_some(), "the gateway is lost; connecting again");
        } else {
            tracing::debug!(why, tries = self.failures, "the gateway is not back yet");
        }
        let step = usize::try_from(self.failures).unwrap_or(usize::MAX).min(WAITS_MS.len() - 1);
        let wait = if lost_at.elapsed() > LONG_OUTAGE {
            LONG_WAIT
        } else {
            Duration::from_millis(WAITS_MS.get(step).copied().unwrap_or(500))
        };
        self.failures = self.failures.saturating_add(1);
        sleep(wait).await;
        Next::Again
    }
}

fn read(text: &str) -> Option<Heard> {
    let frame: Frame<'_> = serde_json::from_str(text).ok()?;
    let data = frame.d?.get();
    match frame.t.as_deref()? {
        "READY" => match serde_json::from_str(data) {
            Ok(ready) => Some(Heard::Ready(Box::new(ready))),
            Err(error) => {
                tracing::error!(%error, "READY could not be read");
                None
            }
        },
        "RESUMED" => Some(Heard::Resumed),
        "INTERACTION_CREATE" => match serde_json::from_str(data) {
            Ok(interaction) => Some(Heard::Interaction(Box::new(interaction))),
            Err(error) => unreadable(data, &error.to_string()),
        },
        _ => None,
    }
}

/// Enough of an interaction to answer that it was not understood.
fn unreadable(data: &str, error: &str) -> Option<Heard> {
    #[derive(Deserialize)]
    struct Least {
        id: String,
        token: String,
    }
    let least: Least = serde_json::from_str(data).ok()?;
    Some(Heard::Unreadable { id: least.id.parse().ok()?, token: least.token, error: error.to_owned() })
}
