//! One message in each thread that shows how far running work is: posted when something is to be shown, edited while it runs,
//! deleted when it ends, because the story says how.
//!
//! Level-triggered: what the backend says is compared with what stands, the newest state wins, and those that waited longest come
//! first. It takes at most [`REQUESTS_A_TURN`] of the 50 requests a second that Discord lets a bot make, so that the story itself
//! always finds room.

use super::place::Place;
use crate::{
    backend::{As, Backend, BackendError},
    reply::{live, message::Message},
    rest::{Rest, RestError, code},
};
use dbdesk_commands::{
    id::TicketId,
    lang::Lang,
    wire::live::{LivePage, LiveTicket},
};
use futures_util::{StreamExt as _, stream};
use serenity::model::id::{ChannelId, MessageId, UserId};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// A turn lasts at least so long.
const TURN: Duration = Duration::from_millis(250);
/// Requests in one turn, all at once: 20 in a second.
const REQUESTS_A_TURN: usize = 5;
/// A message is not edited more often.
const EDIT_EVERY: Duration = Duration::from_secs(2);
/// The rest between two tries doubles so often, to four minutes.
const MOST_DOUBLED: u32 = 7;
/// One edit with its waits for Discord's limits; a longer one is left for a later turn.
const EDIT_LIMIT: Duration = Duration::from_secs(10);
/// So long the backend holds the question open while nothing is new.
const WAIT_S: u64 = 20;
/// After the backend failed.
const DOWN_WAIT: Duration = Duration::from_secs(2);

/// What the live messages are made with.
#[derive(Debug)]
pub struct Live {
    /// Discord.
    pub rest: Arc<Rest>,
    /// The desk's API.
    pub backend: Backend,
    /// The bot's own user.
    pub own: UserId,
}

/// What stands in one thread.
#[derive(Debug, Clone)]
struct Shown {
    thread: ChannelId,
    message: Option<MessageId>,
    /// What it says; absent until something was posted or edited by this process.
    says: Option<Message>,
    /// What it should say; absent when the work is over.
    wanted: Option<LiveTicket>,
    touched: Option<Instant>,
    /// So often in a row it could not be written.
    failed: u32,
    /// An earlier process of the bot may have posted it.
    may_stand: bool,
    /// Somebody deleted it: it is not shown again.
    unwanted: bool,
}

impl Shown {
    /// Whether it is to be written.
    fn is_behind(&self) -> bool {
        match &self.wanted {
            Some(wanted) => {
                !wanted.behind && !self.unwanted && self.says.as_ref() != Some(&live::message(wanted))
            }
            None => true,
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        // Discord shuts out a bot that asks for what it may not, ten thousand times in ten minutes.
        let rest = EDIT_EVERY * (1 << self.failed.min(MOST_DOUBLED));
        self.is_behind() && self.touched.is_none_or(|at| now.duration_since(at) >= rest)
    }

    /// Requests that writing it takes.
    fn requests(&self) -> usize {
        if self.may_stand { 2 } else { 1 }
    }

    /// Nothing is left to be done for work that is over.
    fn is_over(&self) -> bool {
        self.wanted.is_none() && self.message.is_none()
    }
}

impl Live {
    /// Shows for good.
    pub async fn follow(self) {
        let mut shown: HashMap<TicketId, Shown> = HashMap::new();
        let (mut cursor, mut first) = (0, true);
        loop {
            let turn = Instant::now();
            // What rests between two edits is due sooner than news may come.
            let wait_s = if shown.values().any(Shown::is_behind) { 0 } else { WAIT_S };
            match self.page(cursor, wait_s).await {
                Ok(page) => {
                    cursor = page.cursor;
                    want(&mut shown, page.tickets, first);
                    first = false;
                }
                Err(error) => {
                    tracing::debug!(%error, "cannot ask how far running work is; asking again");
                    sleep_until(turn + DOWN_WAIT).await;
                    continue;
                }
            }
            let due = take_due(&mut shown);
            let mut told =
                stream::iter(due).map(|(id, one)| self.bring(id, one)).buffer_unordered(REQUESTS_A_TURN);
            while let Some((id, one)) = told.next().await {
                if !one.is_over() {
                    shown.insert(id, one);
                }
            }
            sleep_until(turn + TURN).await;
        }
    }

    async fn page(&self, after: u64, wait_s: u64) -> Result<LivePage, BackendError> {
        let (after, wait) = (after.to_string(), wait_s.to_string());
        let query = [("after", after.as_str()), ("wait_s", wait.as_str())];
        self.backend.get(&As::Desk(Lang::En), &["live"], &query, Duration::from_secs(wait_s + 10)).await
    }

    /// Brings one thread abreast.
    async fn bring(&self, id: TicketId, mut one: Shown) -> (TicketId, Shown) {
        let told = timeout(EDIT_LIMIT, self.write(&mut one)).await;
        one.touched = Some(Instant::now());
        one.failed = if matches!(told, Ok(Ok(()))) { 0 } else { one.failed + 1 };
        // Its answer may have been lost on the way: it is looked for before another is posted.
        one.may_stand |= one.failed > 0 && one.message.is_none() && one.wanted.is_some();
        match told {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.is(code::UNKNOWN_MESSAGE) || error.is(code::UNKNOWN_CHANNEL) => {
                (one.message, one.unwanted) = (None, true);
            }
            Ok(Err(error)) => tracing::warn!(ticket = %id, %error, "how far it is could not be shown"),
            Err(_) => tracing::debug!(ticket = %id, "how far it is could not be shown in time"),
        }
        (id, one)
    }

    async fn write(&self, one: &mut Shown) -> Result<(), RestError> {
        let Some(wanted) = one.wanted.clone() else {
            if let Some(message) = one.message {
                self.rest.delete(one.thread, message).await?;
                one.message = None;
            }
            return Ok(());
        };
        if one.may_stand {
            one.message = self.rest.live(one.thread, self.own).await?.first().copied();
            one.may_stand = false;
        }
        let message = live::message(&wanted);
        if let Some(id) = one.message {
            self.rest.edit(one.thread, id, message.clone()).await?;
        } else {
            let posted = Message { nonce: Some(live::nonce(&wanted)), ..message.clone() };
            one.message = Some(self.rest.post(one.thread, posted).await?.id);
        }
        one.says = Some(message);
        Ok(())
    }
}

impl Rest {
    /// The messages of a thread that show how far work is, newest first.
    pub(super) async fn live(&self, thread: ChannelId, own: UserId) -> Result<Vec<MessageId>, RestError> {
        let recent = self.recent(thread).await?;
        let ours = recent.iter().filter(|message| message.author.id == own);
        let marked = ours.filter(|message| {
            let footer = message.embeds.last().and_then(|embed| embed.footer.as_ref());
            footer.is_some_and(|footer| live::is_live(&footer.text))
        });
        Ok(marked.map(|message| message.id).collect())
    }
}

/// Notes what each thread should show. What runs when the bot starts may be shown already.
fn want(shown: &mut HashMap<TicketId, Shown>, tickets: Vec<LiveTicket>, first: bool) {
    for one in shown.values_mut() {
        one.wanted = None;
    }
    for ticket in tickets {
        let Some(thread) = Place::read(&ticket.card).ok().and_then(|place| place.thread) else { continue };
        let one = shown.entry(ticket.ticket).or_insert_with(|| Shown {
            thread,
            message: None,
            says: None,
            wanted: None,
            touched: None,
            failed: 0,
            may_stand: first,
            unwanted: false,
        });
        one.wanted = Some(ticket);
    }
    shown.retain(|_, one| !one.is_over());
}

/// Takes out those whose turn it is, who waited longest first.
fn take_due(shown: &mut HashMap<TicketId, Shown>) -> Vec<(TicketId, Shown)> {
    let now = Instant::now();
    let mut due: Vec<(Option<Instant>, TicketId)> =
        shown.iter().filter(|(_, one)| one.is_due(now)).map(|(id, one)| (one.touched, *id)).collect();
    due.sort_unstable();
    let mut room = REQUESTS_A_TURN;
    let taken = due.into_iter().map_while(|(_, id)| {
        room = room.checked_sub(shown.get(&id)?.requests())?;
        Some((id, shown.remove(&id)?))
    });
    taken.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_discord_refuses_is_tried_more_and_more_rarely() {
        let touched = Instant::now();
        let shown = |failed| Shown {
            thread: ChannelId::new(1),
            message: Some(MessageId::new(2)),
            says: None,
            wanted: None,
            touched: Some(touched),
            failed,
            may_stand: false,
            unwanted: false,
        };
        for (failed, rest_s) in [(0, 2), (1, 4), (3, 16), (7, 256), (1_000, 256)] {
            let due = |after_s| shown(failed).is_due(touched + Duration::from_secs(after_s));
            assert!(due(rest_s) && !due(rest_s - 1), "{failed}");
        }
    }
}
