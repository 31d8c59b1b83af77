//! The bot as a whole: the gateway heard, each interaction in a task of its own, the follower beside it.

use crate::{
    attachment::Attachments,
    backend::Backend,
    config::Config,
    gateway::{self, GatewayError, Heard},
    guard::{Astray, Reach},
    handle::{self, Desk},
    inbound,
    notices::Notices,
    registration,
    reply::problem,
    rest::{Rest, RestError, interactions::Handle},
    thread::{Follower, Live},
};
use dbdesk_commands::{clock::Clock, lang::Lang, point::Points};
use serenity::model::{gateway::Ready, id::ChannelId};
use std::{future::Future, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

/// After SIGTERM, so long the handlers at work may take to answer.
const FAREWELL: Duration = Duration::from_millis(1_200);
/// Waits between tries to learn where the gateway is; the last repeats.
const GATEWAY_WAITS_MS: [u64; 4] = [200, 500, 1_000, 1_500];
/// Waits between tries to register the commands; the last repeats.
const REGISTER_WAITS_S: [u64; 4] = [1, 5, 30, 300];

/// Why the bot ended otherwise than asked.
#[derive(Debug, Error)]
pub enum BotError {
    /// It would have gone elsewhere.
    #[error(transparent)]
    Astray(#[from] Astray),
    /// The gateway closed for good.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// TLS could not be set up.
    #[error("cannot set up an HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    /// The token is of another bot.
    #[error(
        "the token belongs to the application {found}, not to [discord] application_id {wanted}; correct one of them"
    )]
    Application {
        /// As configured.
        wanted: u64,
        /// As Discord says.
        found: u64,
    },
    /// Discord does not know the token.
    #[error("Discord refuses the token: {0}. Copy it again from the developer portal (Bot, Reset Token).")]
    Token(RestError),
}

/// Runs until `stop`.
///
/// # Errors
/// When trying again will not help: a wrong token, an address elsewhere.
pub async fn run(
    config: Config,
    clock: Clock,
    points: Points,
    stop: impl Future<Output = ()>,
) -> Result<(), BotError> {
    let reach = Reach::of(config.discord.base_url.as_ref())?;
    let bot = Arc::new(Bot {
        desk: Arc::new(Desk {
            rest: Arc::new(Rest::new(&config.discord.token, &reach)),
            backend: Backend::new(config.backend.url.clone(), config.backend.token.clone())?,
            attachments: Attachments::new(reach.clone())?,
            clock,
            points,
            places: Semaphore::new(handle::AT_ONCE),
        }),
        config,
    });
    let mut tasks =
        Tasks { handlers: JoinSet::new(), follower: None, live: None, notices: None, registering: None };
    let ended = tokio::select! {
        ended = bot.listen(&reach, &mut tasks) => ended,
        () = stop => {
            tracing::info!("stopping");
            Ok(())
        }
    };
    tasks.end().await;
    ended
}

struct Bot {
    desk: Arc<Desk>,
    config: Config,
}

struct Tasks {
    handlers: JoinSet<()>,
    follower: Option<JoinHandle<()>>,
    live: Option<JoinHandle<()>>,
    notices: Option<JoinHandle<()>>,
    registering: Option<JoinHandle<()>>,
}

impl Tasks {
    async fn end(mut self) {
        let all = [self.follower.take(), self.live.take(), self.notices.take(), self.registering.take()];
        for task in all.into_iter().flatten() {
            task.abort();
        }
        let all = async { while self.handlers.join_next().await.is_some() {} };
        if timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("some answers were not given any more");
        }
    }
}

impl Bot {
    async fn listen(&self, reach: &Reach, tasks: &mut Tasks) -> Result<(), BotError> {
        let url = self.gateway_url().await?;
        let token = &self.config.discord.token;
        let error = gateway::listen(token, &url, reach, |heard| {
            while tasks.handlers.try_join_next().is_some() {}
            self.hear(heard, tasks)
        })
        .await;
        Err(error)
    }

    /// Asks until there is an answer; never falls back to an address of its own.
    async fn gateway_url(&self) -> Result<String, BotError> {
        for tries in 0.. {
            match self.desk.rest.gateway_url().await {
                Ok(url) => return Ok(url),
                Err(error @ RestError::Refused { status: 401, .. }) => return Err(BotError::Token(error)),
                Err(error) if tries == 0 => {
                    tracing::warn!(%error, "cannot learn where the gateway is; asking again");
                }
                Err(error) => tracing::debug!(%error, tries, "still no gateway"),
            }
            let wait = GATEWAY_WAITS_MS.get(tries).or(GATEWAY_WAITS_MS.last()).copied().unwrap_or(1_500);
            sleep(Duration::from_millis(wait)).await;
        }
        Ok(String::new())
    }

    fn hear(&self, heard: Heard, tasks: &mut Tasks) -> Result<(), BotError> {
        match heard {
            Heard::Ready(ready) => self.ready(&ready, tasks)?,
            Heard::Resumed => tracing::info!("RESUMED"),
            Heard::Interaction(interaction) => {
                if let Some(inbound) = inbound::read(&interaction) {
                    tasks.handlers.spawn(handle::take(Arc::clone(&self.desk), inbound));
                }
            }
            Heard::Unreadable { id, token, error } => {
                tracing::error!(error, interaction = id, "an interaction could not be read");
                let desk = Arc::clone(&self.desk);
                tasks.handlers.spawn(async move {
                    let handle = Handle { id: id.into(), application: 1.into(), token };
                    desk.rest.say(&handle, problem::fault(Lang::En)).await.ok();
                });
            }
        }
        Ok(())
    }

    fn ready(&self, ready: &Ready, tasks: &mut Tasks) -> Result<(), BotError> {
        let application = ready.application.id;
        tracing::info!(user = %ready.user.name, %application, "READY");
        let wanted = self.config.discord.application_id.map(std::num::NonZeroU64::get);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != application.get()) {
            return Err(BotError::Application { wanted, found: application.get() });
        }
        let (rest, guild) = (Arc::clone(&self.desk.rest), self.config.discord.guild_id);
        let registering = register(rest, application.get(), guild.map(std::num::NonZeroU64::get));
        if let Some(before) = tasks.registering.replace(tokio::spawn(registering)) {
            before.abort();
        }
        if tasks.follower.is_none() {
            let follower = Follower {
                rest: Arc::clone(&self.desk.rest),
                backend: self.desk.backend.clone(),
                channel: ChannelId::from(self.config.discord.tickets_channel_id),
                dbas: self.config.discord.dba_role_id.map(Into::into),
                own: ready.user.id,
                edit_interval: self.config.thread.edit_interval(),
                points: self.desk.points.clone(),
            };
            let notices = Notices {
                rest: Arc::clone(&self.desk.rest),
                backend: self.desk.backend.clone(),
                admins: ChannelId::from(self.config.discord.admin_channel()),
                alerts: ChannelId::from(self.config.discord.alerts_channel()),
                dbas: self.config.discord.dba_role_id.map(Into::into),
                own: ready.user.id,
            };
            tasks.notices = Some(tokio::spawn(notices.follow()));
            let (rest, backend) = (Arc::clone(&self.desk.rest), self.desk.backend.clone());
            tasks.live = Some(tokio::spawn(Live { rest, backend, own: ready.user.id }.follow()));
            tasks.follower = Some(tokio::spawn(Arc::new(follower).follow()));
        }
        Ok(())
    }
}

/// Registers the commands, again and again until Discord has taken them.
async fn register(rest: Arc<Rest>, application: u64, guild: Option<u64>) {
    for tries in 0.. {
        match registration::register(&rest, application, guild).await {
            Ok(true) => return tracing::info!("the slash commands are registered"),
            Ok(false) => return tracing::debug!("the slash commands are as registered"),
            Err(error) => tracing::error!(%error, "the slash commands could not be registered; trying again"),
        }
        let wait = REGISTER_WAITS_S.get(tries).or(REGISTER_WAITS_S.last()).copied().unwrap_or(300);
        sleep(Duration::from_secs(wait)).await;
    }
}
