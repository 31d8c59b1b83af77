//! Follows the desk's notices: each is posted once, and edited when it changes.
//!
//! Without memory that matters, as the cards of tickets: the backend says which notices are behind. One that was posted and not recorded is
//! found by its number in the title among the channel's last messages, so it is looked for before it is posted.

use crate::{
    backend::{As, Backend, BackendError},
    reply::{message::Message, notices},
    rest::{Rest, RestError, code},
};
use dbdesk_commands::{
    id::NoticeId,
    lang::Lang,
    wire::notice::{NoticeBehind, NoticeChannel, NoticePlace, NoticesBehind},
};
use serde_json::Value;
use serenity::model::id::{ChannelId, MessageId, RoleId, UserId};
use std::{collections::HashMap, num::NonZeroU64, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};

/// So long the backend holds the question open while nothing is behind.
const WAIT_S: u64 = 20;
/// While notices rest after a failure, the backend is asked again after this.
const GLANCE: Duration = Duration::from_millis(500);
/// Waits after the backend failed; the last repeats.
const DOWN_WAITS_MS: [u64; 4] = [200, 500, 1_000, 2_000];
/// Waits after a notice could not be told; the last repeats.
const NOTICE_WAITS_MS: [u64; 4] = [1_000, 5_000, 15_000, 60_000];
/// One that takes longer to tell is left and begun anew.
const LIMIT: Duration = Duration::from_mins(1);
/// Notices that rest; more are forgotten, and tried at once.
const RESTING: usize = 200;

/// What the follower works with.
#[derive(Debug)]
pub struct Notices {
    /// Discord.
    pub rest: Arc<Rest>,
    /// The desk's API.
    pub backend: Backend,
    /// Where admins are asked.
    pub admins: ChannelId,
    /// Where everybody concerned is alarmed.
    pub alerts: ChannelId,
    /// The role of the DBAs.
    pub dbas: Option<RoleId>,
    /// The bot's own user: only its messages are its notices.
    pub own: UserId,
}

#[derive(Debug, Error)]
enum TellError {
    #[error(transparent)]
    Discord(#[from] RestError),
    #[error(transparent)]
    Backend(#[from] BackendError),
    #[error("the stored place of the notice cannot be read")]
    Place,
    #[error("out of time")]
    Time,
}

impl Notices {
    /// Follows for good.
    pub async fn follow(self) {
        let mut resting: HashMap<NoticeId, (usize, Instant)> = HashMap::new();
        let mut outage = 0;
        loop {
            let behind = match self.behind(if resting.is_empty() { WAIT_S } else { 0 }).await {
                Ok(behind) => behind,
                Err(error) => {
                    tracing::debug!(%error, outage, "cannot ask which notices are behind");
                    let wait = DOWN_WAITS_MS.get(outage).or(DOWN_WAITS_MS.last()).copied().unwrap_or(2_000);
                    outage = outage.saturating_add(1);
                    sleep(Duration::from_millis(wait)).await;
                    continue;
                }
            };
            outage = 0;
            // What is not behind any more needs no rest.
            resting.retain(|id, _| behind.iter().any(|notice| notice.id == *id));
            for notice in &behind {
                if resting.get(&notice.id).is_some_and(|(_, until)| *until > Instant::now()) {
                    continue;
                }
                let told = timeout(LIMIT, self.tell(notice)).await.unwrap_or(Err(TellError::Time));
                note(notice.id, told, &mut resting);
            }
            if !resting.is_empty() {
                sleep(GLANCE).await;
            }
        }
    }

    async fn behind(&self, wait_s: u64) -> Result<Vec<NoticeBehind>, BackendError> {
        let wait = wait_s.to_string();
        let limit = Duration::from_secs(wait_s + 10);
        let page: NoticesBehind = self
            .backend
            .get(&As::Desk(Lang::En), &["notices", "behind"], &[("wait_s", &wait)], limit)
            .await?;
        Ok(page.notices)
    }

    /// Brings one up to date. One whose message somebody deleted is posted again.
    async fn tell(&self, notice: &NoticeBehind) -> Result<(), TellError> {
        let message = notices::notice(notice, self.dbas);
        let place = match &notice.place {
            Some(place) => Some(read(place)?),
            None => self.find(notice).await?,
        };
        let gone = match place {
            None => None,
            Some((channel, id)) => match self.rest.edit(channel, id, message.clone()).await {
                Ok(()) => return self.record(notice, (channel, id)).await,
                Err(error) if error.is(code::UNKNOWN_MESSAGE) || error.is(code::UNKNOWN_CHANNEL) => Some(id),
                Err(error) => return Err(error.into()),
            },
        };
        // Discord takes a nonce once within minutes; the message in place of a deleted one needs another.
        let again = gone.map(|gone| format!("r{}", gone.get() % 1_000_000)).unwrap_or_default();
        let nonce = Some(format!("n{}{again}", notice.id.0));
        let channel = self.channel(notice.channel);
        let posted = self.rest.post(channel, Message { nonce, ..message }).await?;
        tracing::info!(notice = %notice.id, message = %posted.id, "a notice is there");
        self.record(notice, (channel, posted.id)).await
    }

    fn channel(&self, of: NoticeChannel) -> ChannelId {
        match of {
            NoticeChannel::Admins => self.admins,
            NoticeChannel::Alerts => self.alerts,
        }
    }

    /// A notice that was posted, but not recorded before the bot ended.
    async fn find(&self, notice: &NoticeBehind) -> Result<Option<(ChannelId, MessageId)>, TellError> {
        let (channel, head) = (self.channel(notice.channel), notices::title_head(notice.id));
        let recent = self.rest.recent(channel).await?;
        let found = recent.iter().filter(|message| message.author.id == self.own).find(|message| {
            let title = message.embeds.first().and_then(|embed| embed.title.as_deref());
            title.is_some_and(|title| title.starts_with(&head))
        });
        Ok(found.map(|message| (channel, message.id)))
    }

    async fn record(
        &self,
        notice: &NoticeBehind,
        (channel, message): (ChannelId, MessageId),
    ) -> Result<(), TellError> {
        let place = NoticePlace {
            channel_id: channel.to_string(),
            message_id: message.to_string(),
            told_version: notice.version,
        };
        let id = notice.id.0.to_string();
        let _: Value =
            self.backend.put(&As::Desk(Lang::default()), &["notices", &id, "card"], &place).await?;
        Ok(())
    }
}

fn read(place: &NoticePlace) -> Result<(ChannelId, MessageId), TellError> {
    let id = |text: &str| text.parse::<NonZeroU64>().map_err(|_| TellError::Place);
    Ok((ChannelId::from(id(&place.channel_id)?), MessageId::from(id(&place.message_id)?)))
}

/// Lets a notice that could not be told rest, longer after each failure.
fn note(id: NoticeId, told: Result<(), TellError>, resting: &mut HashMap<NoticeId, (usize, Instant)>) {
    let Err(error) = told else {
        resting.remove(&id);
        return;
    };
    let failures = resting.get(&id).map_or(0, |(failures, _)| *failures);
    let wait = NOTICE_WAITS_MS.get(failures).or(NOTICE_WAITS_MS.last()).copied().unwrap_or(60_000);
    tracing::warn!(notice = %id, %error, again_in_ms = wait, "a notice could not be told");
    if resting.len() >= RESTING {
        resting.clear();
    }
    resting.insert(id, (failures.saturating_add(1), Instant::now() + Duration::from_millis(wait)));
}
