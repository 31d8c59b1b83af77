//! Finding the primary and holding a session on it.

use super::{Work, ledger::Halt};
use dbdesk_cmdb::Instance;
use dbdesk_commands::wire::entry::{Cause, Event};
use dbdesk_components::mysql::target::{OpenError, Readiness, Session};
use dbdesk_store::run::End;
use dbdesk_ticket::machine::TaskEnd;
use sqlx::mysql::MySqlConnectOptions;
use std::time::{Duration, Instant};

/// Between two tries to reach a target.
const TRY_EVERY: Duration = Duration::from_millis(500);

/// The server that a task works on.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) instance: Instance,
    pub(super) options: MySqlConnectOptions,
    pub(super) session: Session,
}

/// An end that a person reads as "failed, because …".
pub(super) fn failed(cause: Cause, last: Option<Event>) -> End {
    End { end: TaskEnd::Failed, cause: Some(cause), last }
}

impl Work<'_> {
    /// A session on the primary that takes the statement `index`, or the end when there is none in time.
    pub(super) async fn reach(&mut self, index: u32) -> Result<Result<(), End>, Halt> {
        if let Some(reached) = &mut self.reached {
            match reached.session.readiness(self.settings.connect_limit()).await {
                Readiness::Ready => return Ok(Ok(())),
                Readiness::ReadOnly => return Ok(Err(failed(Cause::NotPrimary, None))),
                Readiness::Gone if self.script.fresh_session_serves(index) => {}
                // What the session kept (variables, temporary tables, an open transaction) is gone with it.
                Readiness::Gone => return Ok(Err(failed(Cause::TargetDown, None))),
            }
        }
        let before = self.reached.take().map(|reached| reached.instance);
        let limit = Duration::from_millis(self.settings.target_wait_ms);
        let (since, mut told) = (Instant::now(), false);
        loop {
            let message = match self.open(before.as_ref()).await? {
                Ok(reached) => {
                    let (instance, id) = (&reached.instance, reached.session.id());
                    self.live.line(&format!("Connected to {instance} as connection {id}."));
                    self.reached = Some(reached);
                    return Ok(Ok(()));
                }
                Err(Closed::End(end)) => return Ok(Err(end)),
                Err(Closed::Refused { code, message }) => {
                    let total = self.total;
                    let last = Event::StatementFailed { index, total, code: Some(code), message };
                    return Ok(Err(failed(Cause::Statement, Some(last))));
                }
                Err(Closed::NotYet(message)) => message,
            };
            if since.elapsed() >= limit {
                return Ok(Err(failed(Cause::TargetDown, None)));
            }
            if !told {
                told = true;
                self.live.line(&format!("The server can not be reached; it is tried again: {message}"));
                tracing::warn!(task = %self.ledger.lease.task, %message, "the target can not be reached; it is tried again");
                let event = Event::TargetUnreachable { message, limit_ms: self.settings.target_wait_ms };
                self.tell(event).await?;
            }
            if let Some(end) = self.asked_to_end() {
                return Ok(Err(end));
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    async fn open(&mut self, before: Option<&Instance>) -> Result<Result<Reached, Closed>, Halt> {
        let Some((group, instance)) = self.primary().await? else {
            return Ok(Err(Closed::End(failed(Cause::NotPrimary, None))));
        };
        // Earlier statements ran on another server: whether this one has them, nobody knows here.
        if before.is_some_and(|before| *before != instance) {
            return Ok(Err(Closed::End(failed(Cause::NotPrimary, None))));
        }
        let options = (self.settings.account)(&group).options(&instance.host, instance.port);
        let limit = self.settings.connect_limit();
        Ok(match Session::open(&options, &self.database, self.fence, limit).await {
            Ok(session) => Ok(Reached { instance, options, session }),
            Err(OpenError::Unreachable(message)) => Err(Closed::NotYet(message)),
            Err(OpenError::Refused { code, message }) => Err(Closed::Refused { code, message }),
            Err(OpenError::ReadOnly) => Err(Closed::End(failed(Cause::NotPrimary, None))),
        })
    }

    /// What the inventory says now. It is asked anew for each session: a failover may have come in between.
    async fn primary(&mut self) -> Result<Option<(String, Instance)>, Halt> {
        let group = self.ledger.group(self.group).await?;
        Ok(group.and_then(|group| Some((group.name.clone(), group.primary()?.clone()))))
    }
}

/// Why there is no session.
enum Closed {
    NotYet(String),
    Refused { code: u16, message: String },
    End(End),
}
