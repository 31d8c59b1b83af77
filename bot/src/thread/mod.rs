//! Follows the tickets' logs and keeps card and thread abreast of them.
//!
//! Level-triggered and without memory that matters: the backend says which tickets are behind, each is brought up to
//! date, and how far it was told is written back. What a crash leaves half done is found by the marks in the thread.

mod live;
mod place;
mod tell;

pub use live::Live;

use crate::{
    backend::{As, Backend, BackendError},
    rest::{Rest, RestError},
};
use dbdesk_commands::{
    id::TicketId,
    lang::Lang,
    point::Points,
    wire::card::{CardBehind, CardsBehind},
};
use serenity::model::id::{ChannelId, RoleId, UserId};
use std::{collections::HashMap, sync::Arc, time::Duration};
use thiserror::Error;
use tokio::{
    task::{self, JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};

/// Tickets told at once.
const AT_ONCE: usize = 8;
/// So long the backend holds the question open while nothing is behind.
const WAIT_S: u64 = 20;
/// While tickets rest between two edits, the backend is asked again after this.
const GLANCE: Duration = Duration::from_millis(200);
/// Waits after the backend failed; the last repeats.
const DOWN_WAITS_MS: [u64; 4] = [200, 500, 1_000, 2_000];
/// Waits after a ticket could not be told; the last repeats.
const TICKET_WAITS_MS: [u64; 5] = [1_000, 2_000, 5_000, 15_000, 60_000];
/// A ticket that takes longer to tell is left and begun anew.
const TICKET_LIMIT: Duration = Duration::from_mins(4);

/// What the follower works with.
#[derive(Debug)]
pub struct Follower {
    /// Discord.
    pub rest: Arc<Rest>,
    /// The desk's API.
    pub backend: Backend,
    /// The channel of the cards.
    pub channel: ChannelId,
    /// The role to notify when a ticket waits for a DBA.
    pub dbas: Option<RoleId>,
    /// The bot's own user: only its messages count as told.
    pub own: UserId,
    /// A card is not edited more often than this.
    pub edit_interval: Duration,
    /// What happens between two messages, and between a message and its record.
    pub points: Points,
}

/// Why a ticket could not be told now.
#[derive(Debug, Error)]
pub enum TellError {
    /// Discord.
    #[error(transparent)]
    Discord(#[from] RestError),
    /// The backend.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// What is stored as the card's place is none.
    #[error("the stored place of the card cannot be read: {0}")]
    Place(String),
    /// Our own fault.
    #[error("telling panicked: {0}")]
    Fault(String),
    /// It took too long.
    #[error("out of time")]
    Time,
}

/// What is remembered of a ticket between two tellings. Losing it costs a look into the thread, nothing else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Its card's language, so that its review is asked for in it.
    pub lang: Lang,
    /// The last telling ended well: what is recorded is what stands in the thread.
    pub certain: bool,
    /// Its card or thread was made anew once already.
    pub remade: bool,
    failures: usize,
    rest_until: Option<Instant>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { lang: Lang::En, certain: false, remade: false, failures: 0, rest_until: None }
    }
}

/// How a telling ended.
type Told = (Memory, Result<(), TellError>);

/// The most tickets remembered; final ones are forgotten first by being told last.
const REMEMBERED: usize = 2_000;

impl Follower {
    /// Follows for good.
    pub async fn follow(self: Arc<Self>) {
        let mut memories: HashMap<TicketId, Memory> = HashMap::new();
        let mut running: JoinSet<Told> = JoinSet::new();
        let mut busy: HashMap<task::Id, TicketId> = HashMap::new();
        let mut outage = 0;
        loop {
            while let Some(ended) = running.try_join_next_with_id() {
                self.note(ended, &mut memories, &mut busy);
            }
            let now = Instant::now();
            let resting = |memories: &HashMap<TicketId, Memory>, id: &TicketId| {
                memories.get(id).and_then(|memory| memory.rest_until).is_some_and(|until| until > now)
            };
            let quiet = busy.is_empty()
                && !memories.values().any(|memory| memory.rest_until.is_some_and(|at| at > now));
            let behind = match self.behind(if quiet { WAIT_S } else { 0 }).await {
                Ok(behind) => behind,
                Err(error) => {
                    Self::note_outage(&error, outage);
                    let wait = DOWN_WAITS_MS.get(outage).or(DOWN_WAITS_MS.last()).copied().unwrap_or(2_000);
                    outage = outage.saturating_add(1);
                    sleep(Duration::from_millis(wait)).await;
                    continue;
                }
            };
            if outage > 0 {
                tracing::info!("the backend answers again");
                outage = 0;
            }
            for ticket in behind {
                if busy.len() >= AT_ONCE
                    || busy.values().any(|id| *id == ticket.ticket)
                    || resting(&memories, &ticket.ticket)
                {
                    continue;
                }
                let memory = memories.get(&ticket.ticket).copied().unwrap_or_default();
                let follower = Arc::clone(&self);
                let id = ticket.ticket;
                let task = running.spawn(async move { follower.tell_one(ticket, memory).await });
                busy.insert(task.id(), id);
            }
            if !busy.is_empty() {
                if let Ok(Some(ended)) = timeout(GLANCE, running.join_next_with_id()).await {
                    self.note(ended, &mut memories, &mut busy);
                }
            } else if !quiet {
                sleep(GLANCE).await;
            }
        }
    }

    async fn behind(&self, wait_s: u64) -> Result<Vec<CardBehind>, BackendError> {
        let wait = wait_s.to_string();
        let limit = Duration::from_secs(wait_s + 10);
        let page: CardsBehind =
            self.backend.get(&As::Desk(Lang::En), &["cards", "behind"], &[("wait_s", &wait)], limit).await?;
        Ok(page.cards)
    }

    fn note_outage(error: &BackendError, outage: usize) {
        if outage == 0 {
            tracing::warn!(%error, "cannot ask which tickets are behind; asking again");
        } else {
            tracing::debug!(%error, outage, "the backend is still not answering");
        }
    }

    async fn tell_one(&self, ticket: CardBehind, mut memory: Memory) -> Told {
        let told =
            timeout(TICKET_LIMIT, self.tell(&ticket, &mut memory)).await.unwrap_or(Err(TellError::Time));
        (memory, told)
    }

    /// Lets the ticket rest: between two edits, or longer after each failure.
    fn note(
        &self,
        ended: Result<(task::Id, Told), JoinError>,
        memories: &mut HashMap<TicketId, Memory>,
        busy: &mut HashMap<task::Id, TicketId>,
    ) {
        let (task, ended) = match ended {
            Ok((task, told)) => (task, Ok(told)),
            Err(fault) => (fault.id(), Err(fault)),
        };
        let Some(id) = busy.remove(&task) else { return };
        let (mut memory, told) = ended.unwrap_or_else(|fault| {
            let memory = memories.get(&id).copied().unwrap_or_default();
            (memory, Err(TellError::Fault(fault.to_string())))
        });
        let wait = match told {
            Ok(()) => {
                (memory.certain, memory.failures) = (true, 0);
                self.edit_interval
            }
            Err(error) => {
                let wait = TICKET_WAITS_MS
                    .get(memory.failures)
                    .or(TICKET_WAITS_MS.last())
                    .copied()
                    .unwrap_or(60_000);
                (memory.certain, memory.failures) = (false, memory.failures.saturating_add(1));
                tracing::warn!(ticket = %id, %error, again_in_ms = wait, "a ticket could not be told");
                Duration::from_millis(wait)
            }
        };
        memory.rest_until = Some(Instant::now() + wait);
        if memories.len() >= REMEMBERED {
            let now = Instant::now();
            memories.retain(|_, memory| memory.rest_until.is_some_and(|at| at > now));
        }
        memories.insert(id, memory);
    }
}
