//! What is seen of a running statement through other connections, and how it is asked to stop.

use dbdesk_components::mysql::{
    look::{Look, Running, Sight},
    target::{self, OpenError},
};
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Between two tries to stop a statement that was cancelled.
pub(super) const KILL_EVERY: Duration = Duration::from_secs(5);
/// A connection that the server does not know so often in a row is gone.
const UNKNOWN_LIMIT: u32 = 2;

/// A look comes back with its connection, where that is still of use.
type Looking = JoinHandle<(Option<Look>, Result<Sight, OpenError>)>;

/// Looks at one statement.
pub(super) struct Watch {
    id: u64,
    options: MySqlConnectOptions,
    limit: Duration,
    silence: Duration,
    /// When it was last asked to stop.
    pub(super) stopped: Option<Instant>,
    eye: Option<Look>,
    looking: Option<Looking>,
    unknown: u32,
    heard: Instant,
}

impl Watch {
    /// At connection `id`. A server that can not be asked for as long as `silence` is given up.
    pub(super) fn new(id: u64, options: MySqlConnectOptions, limit: Duration, silence: Duration) -> Self {
        let heard = Instant::now();
        Self { id, options, limit, silence, stopped: None, eye: None, looking: None, unknown: 0, heard }
    }

    /// Asks the server to stop the statement, again after a while if it still runs.
    pub(super) fn stop(&mut self) {
        if self.stopped.is_some_and(|asked| asked.elapsed() < KILL_EVERY) {
            return;
        }
        self.stopped = Some(Instant::now());
        let (id, options, limit) = (self.id, self.options.clone(), self.limit);
        tokio::spawn(async move {
            if let Err(error) = target::kill_query(&options, id, limit).await {
                tracing::warn!(connection = id, %error, "the statement could not be asked to stop; it is tried again");
            }
        });
    }

    /// Begins the next look, unless one is under way.
    pub(super) fn look(&mut self) {
        if self.looking.is_none() {
            let (id, options, limit) = (self.id, self.options.clone(), self.limit);
            self.looking = Some(tokio::spawn(look(self.eye.take(), options, id, limit)));
        }
    }

    /// Whether a look is under way.
    pub(super) fn looks(&self) -> bool {
        self.looking.is_some()
    }

    /// Waits for the look under way.
    pub(super) async fn seen(&mut self) -> Option<Running> {
        let ended = self.looking.as_mut()?.await;
        self.looking = None;
        let (eye, sight) = ended.ok()?;
        self.eye = eye;
        let sight = sight.ok()?;
        self.heard = Instant::now();
        self.unknown = if sight == Sight::Gone { self.unknown + 1 } else { 0 };
        match sight {
            Sight::There(running) => Some(running),
            Sight::Hidden | Sight::Gone => None,
        }
    }

    /// `Some`: nobody will ever answer us.
    pub(super) fn lost(&self) -> Option<String> {
        if self.unknown >= UNKNOWN_LIMIT {
            return Some("the server does not know the connection any more".into());
        }
        (self.heard.elapsed() > self.silence)
            .then(|| format!("the server was silent for {} ms", self.silence.as_millis()))
    }
}

async fn look(
    eye: Option<Look>,
    options: MySqlConnectOptions,
    id: u64,
    limit: Duration,
) -> (Option<Look>, Result<Sight, OpenError>) {
    let mut eye = match eye {
        Some(eye) => eye,
        None => match Look::open(&options, id, limit).await {
            Ok(Some(eye)) => eye,
            Ok(None) => return (None, Ok(Sight::Hidden)),
            Err(error) => return (None, Err(error)),
        },
    };
    let sight = eye.see(limit).await;
    (sight.is_ok().then_some(eye), sight)
}
