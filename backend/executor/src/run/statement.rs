//! One statement, from the note that it will be sent to the note of what it did.

use super::{Work, ledger::Halt, reach::failed};
use dbdesk_commands::wire::entry::{Cause, Event};
use dbdesk_components::mysql::target::{self, OpenError, StatementError};
use dbdesk_store::run::{self, End};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Between two tries to stop a statement that was cancelled.
const KILL_EVERY: Duration = Duration::from_secs(5);
/// A connection that the server does not know so often in a row is gone.
const UNKNOWN_LIMIT: u32 = 2;

impl Work {
    /// Runs statement `index` on the session that [`Work::reach`] made. `Some`: the work ends with it.
    /// [`Halt::Asked`]: it was not sent, because a person wants to be heard before.
    pub(super) async fn statement(&mut self, index: u32, text: &str) -> Result<Option<End>, Halt> {
        let Some(reached) = &self.reached else { return Ok(Some(failed(Cause::TargetDown, None))) };
        let (instance, connection) = (reached.instance.to_string(), reached.session.id());
        self.ledger.proof().await?;
        self.ledger
            .write(None, |pool, lease, at| {
                let instance = instance.clone();
                async move { run::statement_started(&pool, &lease, index, (&instance, connection), at).await }
            })
            .await?;
        // Writing may have taken long. From here to the sending nothing waits.
        self.ledger.proof().await?;
        let started = Instant::now();
        let (answer, cancelled) = self.send(text).await;
        let elapsed_ms = started.elapsed().as_millis() as u64;
        match answer {
            Ok(affected_rows) => {
                let warnings = self.warnings().await;
                let event =
                    Event::StatementDone { index, total: self.total, affected_rows, elapsed_ms, warnings };
                let known = event.clone();
                self.ledger
                    .write(Some(&event), |pool, lease, at| {
                        let event = known.clone();
                        async move { run::statement_done(&pool, &lease, index, &event, at).await }
                    })
                    .await?;
                Ok(None)
            }
            Err(StatementError::Server { code, message }) => {
                let last = Event::StatementFailed { index, total: self.total, code: Some(code), message };
                let (end, cause) = if cancelled {
                    (TaskEnd::Cancelled, Cause::Cancelled)
                } else {
                    (TaskEnd::Failed, Cause::Statement)
                };
                Ok(Some(End { end, cause: Some(cause), last: Some(last) }))
            }
            Err(StatementError::Lost(message)) => {
                tracing::error!(task = %self.ledger.lease.task, index, %message, "the connection broke in a statement");
                Ok(Some(End { end: TaskEnd::Lost, cause: Some(Cause::ConnectionLost), last: None }))
            }
        }
    }

    /// Sends and waits, stops it when a person cancels, and looks from outside whether it is still there. Gives the answer,
    /// and whether it was asked to stop before that.
    async fn send(&mut self, text: &str) -> (Result<u64, StatementError>, bool) {
        let Some(reached) = &mut self.reached else {
            return (Err(StatementError::Lost("there is no session".into())), false);
        };
        let (id, options) = (reached.session.id(), reached.options.clone());
        let limit = self.settings.connect_limit();
        let mut watch = Watch::new(id, options, limit, Duration::from_millis(self.settings.silence_ms));
        let mut probe = tokio::time::interval(Duration::from_millis(self.settings.probe_ms));
        probe.tick().await;
        let mut view = self.ledger.view.clone();
        let mut heart = true;
        let mut answer = std::pin::pin!(reached.session.run(text));
        loop {
            let wish = view.borrow_and_update().wish;
            if wish == Wish::Cancel {
                watch.stop();
            }
            tokio::select! {
                biased;
                answer = &mut answer => return (answer, watch.stopped.is_some()),
                changed = view.changed(), if heart => heart = changed.is_ok(),
                _ = probe.tick() => if let Some(lost) = watch.probe().await {
                    return (Err(StatementError::Lost(lost)), watch.stopped.is_some());
                },
                () = tokio::time::sleep(KILL_EVERY), if watch.stopped.is_some() => {}
            }
        }
    }

    async fn warnings(&mut self) -> Vec<String> {
        match &mut self.reached {
            Some(reached) => reached.session.warnings(self.settings.connect_limit()).await,
            None => Vec::new(),
        }
    }
}

/// What is seen of a running statement through other connections.
struct Watch {
    id: u64,
    options: MySqlConnectOptions,
    limit: Duration,
    silence: Duration,
    /// When it was last asked to stop.
    stopped: Option<Instant>,
    probing: Option<JoinHandle<Result<bool, OpenError>>>,
    unknown: u32,
    heard: Instant,
}

impl Watch {
    fn new(id: u64, options: MySqlConnectOptions, limit: Duration, silence: Duration) -> Self {
        Self { id, options, limit, silence, stopped: None, probing: None, unknown: 0, heard: Instant::now() }
    }

    /// Asks the server to stop the statement, again after a while if it still runs.
    fn stop(&mut self) {
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

    /// Takes the last look's answer and starts the next look. `Some`: nobody will ever answer us.
    async fn probe(&mut self) -> Option<String> {
        match &self.probing {
            Some(look) if !look.is_finished() => {}
            Some(_) | None => {
                let seen = match self.probing.take() {
                    Some(look) => look.await.ok(),
                    None => None,
                };
                match seen {
                    Some(Ok(true)) => (self.unknown, self.heard) = (0, Instant::now()),
                    Some(Ok(false)) => (self.unknown, self.heard) = (self.unknown + 1, Instant::now()),
                    Some(Err(_)) | None => {}
                }
                let (id, options, limit) = (self.id, self.options.clone(), self.limit);
                self.probing = Some(tokio::spawn(async move { target::is_there(&options, id, limit).await }));
            }
        }
        if self.unknown >= UNKNOWN_LIMIT {
            return Some("the server does not know the connection any more".into());
        }
        (self.heard.elapsed() > self.silence)
            .then(|| format!("the server was silent for {} ms", self.silence.as_millis()))
    }
}
