//! One statement, from the note that it will be sent to the note of what it did.

use super::{
    Work,
    keep::Plan,
    ledger::Halt,
    reach::failed,
    sending::{Ran, Stopped, unapproved},
};
use dbdesk_commands::{
    point::Point,
    wire::entry::{Cause, Event},
};
use dbdesk_components::mysql::target::StatementError;
use dbdesk_store::run::{End, Write};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use std::time::Instant;

impl Work<'_> {
    /// Runs statement `index` on the session that [`Work::reach`] made. `Some`: the work ends with it.
    /// [`Halt::Asked`]: it was not sent, because a person wants to be heard before.
    pub(super) async fn statement(&mut self, index: u32, text: &str) -> Result<Option<End>, Halt> {
        let Some(reached) = &self.reached else { return Ok(Some(failed(Cause::TargetDown, None))) };
        let (instance, connection) = (reached.instance.to_string(), reached.session.id());
        self.ledger.proof().await?;
        let (number, total) = (index + 1, self.total);
        let mut plan = self.plan(index, text).await;
        let (chunked, course) = match self.begun(index, text, &plan).await? {
            Ok(begun) => begun,
            Err(end) => return Ok(Some(end)),
        };
        if let Plan::Without(why) = &plan {
            if !self.script.may_without_undo(index) {
                let last = Event::RolledBack { index, total, why: unapproved(why) };
                return Ok(Some(End {
                    end: TaskEnd::Failed,
                    cause: Some(Cause::Statement),
                    last: Some(last),
                }));
            }
            self.tell(Event::WithoutUndo { index, why: why.clone() }).await?;
        }
        if let Plan::Refused(why) = plan {
            let last = Event::RolledBack { index, total, why };
            return Ok(Some(End { end: TaskEnd::Failed, cause: Some(Cause::Statement), last: Some(last) }));
        }
        if let Plan::Structure(structure) = &mut plan
            && let Err(why) = self.keep_structure(index, structure).await
        {
            let last = Event::RolledBack { index, total, why: why.said() };
            return Ok(Some(End { end: TaskEnd::Failed, cause: Some(Cause::Statement), last: Some(last) }));
        }
        let kept = matches!(plan, Plan::Kept(..));
        self.ledger.points.at(Point::RunNoting);
        self.ledger.write(Write::Sending { index, total, instance, connection, kept, what: None }).await?;
        // Writing may have taken long. From here to the sending nothing waits.
        self.ledger.proof().await?;
        self.live.line(&format!("Statement {number} of {total} is sent."));
        self.ledger.points.at(Point::RunNoted);
        let started = Instant::now();
        let may = self.script.may_without_undo(index);
        let online = match &plan {
            Plan::Structure(structure) => structure.online.clone(),
            _ => None,
        };
        let (answer, cancelled) = match online {
            Some(online) => Box::pin(self.online(index, &online)).await?,
            None => self.whole_or_in_chunks(index, text, (&plan, may), (chunked, course)).await?,
        };
        self.ledger.points.at(Point::RunAnswered);
        let elapsed_ms = started.elapsed().as_millis() as u64;
        match answer {
            Ok(Ran { affected_rows, note, .. }) => {
                let warnings: Vec<String> = note.into_iter().chain(self.warnings().await).collect();
                self.live
                    .line(&format!("Statement {number} of {total}: {affected_rows} rows, {elapsed_ms} ms."));
                for warning in &warnings {
                    self.live.line(warning);
                }
                let event = Event::StatementDone { index, total, affected_rows, elapsed_ms, warnings };
                if let Plan::Structure(structure) = &plan {
                    self.ledger.write(Write::Ran { index, event }).await?;
                    self.ledger.points.at(Point::RunWritten);
                    self.note_structure(structure).await;
                    self.tell_aside(index, structure).await?;
                    self.changed.extend(structure.tables.iter().cloned());
                    return Ok(None);
                }
                if number == total && !self.passed_over {
                    // Written with the end, in one transaction.
                    return Ok(Some(End { end: TaskEnd::Succeeded, cause: None, last: Some(event) }));
                }
                self.ledger.write(Write::Ran { index, event }).await?;
                self.ledger.points.at(Point::RunWritten);
                Ok(None)
            }
            Err(stopped) => Ok(Some(self.stopped(index, stopped, cancelled, elapsed_ms))),
        }
    }

    /// How the work ends with a statement that has no result.
    fn stopped(&self, index: u32, stopped: Stopped, cancelled: bool, elapsed_ms: u64) -> End {
        let (number, total) = (index + 1, self.total);
        let stops = self.ledger.view.borrow().wish == Wish::Stop;
        let between = matches!(stopped, Stopped::InChunks { .. })
            && !cancelled
            && (stops || *self.ledger.stop.borrow());
        let stopped_by = if stops { Cause::OtherLane } else { Cause::Stopped };
        let last = match stopped {
            Stopped::Statement(StatementError::Lost(message)) => {
                self.live.line(&format!(
                    "Statement {number} of {total}: no answer after {elapsed_ms} ms: {message}"
                ));
                tracing::error!(task = %self.ledger.lease.task, index, %message, "the connection broke in a statement");
                return End { end: TaskEnd::Lost, cause: Some(Cause::ConnectionLost), last: None };
            }
            Stopped::Statement(StatementError::Server { code, message }) => {
                self.live.line(&format!(
                    "Statement {number} of {total} failed after {elapsed_ms} ms: {code}: {message}"
                ));
                Event::StatementFailed { index, total, code: Some(code), message }
            }
            Stopped::InChunks { why, chunks, rows } => {
                self.live
                    .line(&format!("Statement {number} of {total} stopped after {rows} rows: {}", why.en));
                Event::ChunksStopped { index, total, chunks, rows, why }
            }
            stopped => {
                let why = stopped.why();
                self.live.line(&format!("Statement {number} of {total} was rolled back: {}", why.en));
                Event::RolledBack { index, total, why }
            }
        };
        let (end, cause) = ended(cancelled);
        End { end, cause: Some(if between { stopped_by } else { cause }), last: Some(last) }
    }

    async fn warnings(&mut self) -> Vec<String> {
        match &mut self.reached {
            Some(reached) => reached.session.warnings(self.settings.connect_limit()).await,
            None => Vec::new(),
        }
    }
}

fn ended(cancelled: bool) -> (TaskEnd, Cause) {
    if cancelled { (TaskEnd::Cancelled, Cause::Cancelled) } else { (TaskEnd::Failed, Cause::Statement) }
}
