//! One statement, from the note that it will be sent to the note of what it did.

use super::{
    Work,
    keep::{Plan, keep},
    ledger::Halt,
    look::{KILL_EVERY, Watch},
    reach::failed,
};
use crate::live::Live;
use dbdesk_commands::{
    clock::Time,
    lang::{Said, said},
    point::Point,
    wire::{
        entry::{Cause, Event},
        live::Progress,
    },
};
use dbdesk_components::mysql::{
    look::Running,
    target::{Session, StatementError},
    undoable::{KeptError, Most, UndoError},
};
use dbdesk_store::{
    Pool,
    run::{End, Lease, Write},
};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use dbdesk_undo::{Disagreed, Images, restore::Step};
use std::time::{Duration, Instant};

impl Work<'_> {
    /// Runs statement `index` on the session that [`Work::reach`] made. `Some`: the work ends with it.
    /// [`Halt::Asked`]: it was not sent, because a person wants to be heard before.
    pub(super) async fn statement(&mut self, index: u32, text: &str) -> Result<Option<End>, Halt> {
        let Some(reached) = &self.reached else { return Ok(Some(failed(Cause::TargetDown, None))) };
        let (instance, connection) = (reached.instance.to_string(), reached.session.id());
        self.ledger.proof().await?;
        let (number, total) = (index + 1, self.total);
        let plan = self.plan(text).await;
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
        self.ledger.points.at(Point::RunNoting);
        self.ledger.write(Write::Sending { index, total, instance, connection }).await?;
        // Writing may have taken long. From here to the sending nothing waits.
        self.ledger.proof().await?;
        self.live.line(&format!("Statement {number} of {total} is sent."));
        self.ledger.points.at(Point::RunNoted);
        let started = Instant::now();
        let may = self.script.may_without_undo(index);
        let (answer, cancelled) = self.send(index, text, (plan, may)).await;
        self.ledger.points.at(Point::RunAnswered);
        let elapsed_ms = started.elapsed().as_millis() as u64;
        match answer {
            Ok(Ran { affected_rows, without }) => {
                let warnings = self.warnings().await;
                if let Some(why) = without {
                    self.tell(Event::WithoutUndo { index, why }).await?;
                }
                self.live
                    .line(&format!("Statement {number} of {total}: {affected_rows} rows, {elapsed_ms} ms."));
                for warning in &warnings {
                    self.live.line(warning);
                }
                let event = Event::StatementDone { index, total, affected_rows, elapsed_ms, warnings };
                if number == total {
                    // Written with the end, in one transaction.
                    return Ok(Some(End { end: TaskEnd::Succeeded, cause: None, last: Some(event) }));
                }
                self.ledger.write(Write::Ran { index, event }).await?;
                self.ledger.points.at(Point::RunWritten);
                Ok(None)
            }
            Err(Stopped::Statement(StatementError::Server { code, message })) => {
                self.live.line(&format!(
                    "Statement {number} of {total} failed after {elapsed_ms} ms: {code}: {message}"
                ));
                let last = Event::StatementFailed { index, total, code: Some(code), message };
                let (end, cause) = if cancelled {
                    (TaskEnd::Cancelled, Cause::Cancelled)
                } else {
                    (TaskEnd::Failed, Cause::Statement)
                };
                Ok(Some(End { end, cause: Some(cause), last: Some(last) }))
            }
            Err(Stopped::RolledBack(why)) => {
                self.live.line(&format!("Statement {number} of {total} was rolled back: {}", why.en));
                let last = Event::RolledBack { index, total, why };
                Ok(Some(End { end: TaskEnd::Failed, cause: Some(Cause::Statement), last: Some(last) }))
            }
            Err(Stopped::Statement(StatementError::Lost(message))) => {
                self.live.line(&format!(
                    "Statement {number} of {total}: no answer after {elapsed_ms} ms: {message}"
                ));
                tracing::error!(task = %self.ledger.lease.task, index, %message, "the connection broke in a statement");
                Ok(Some(End { end: TaskEnd::Lost, cause: Some(Cause::ConnectionLost), last: None }))
            }
        }
    }

    /// Sends and waits, stops it when a person cancels, and looks from outside how far it is and whether it is still there.
    /// Gives the answer, and whether it was asked to stop before that.
    async fn send(&mut self, index: u32, text: &str, plan: (Plan, bool)) -> (Result<Ran, Stopped>, bool) {
        let Some(reached) = &mut self.reached else {
            return (Err(StatementError::Lost("there is no session".into()).into()), false);
        };
        let (id, options) = (reached.session.id(), reached.options.clone());
        let limit = self.settings.connect_limit();
        let mut watch = Watch::new(id, options, limit, Duration::from_millis(self.settings.silence_ms));
        let mut probe = tokio::time::interval(Duration::from_millis(self.settings.probe_ms));
        probe.tick().await;
        let mut view = self.ledger.view.clone();
        let (mut heart, mut sent, points) = (true, false, self.ledger.points.clone());
        let mut told =
            Told { live: &self.live, since: Instant::now(), index, total: self.total, stage: String::new() };
        let store = (self.ledger.pen.pool().clone(), self.ledger.clock.now());
        let mut answer =
            std::pin::pin!(run(&mut reached.session, (text, plan), store, (self.ledger.lease, index)));
        loop {
            let wish = view.borrow_and_update().wish;
            if wish == Wish::Cancel {
                watch.stop();
                points.at(Point::RunStopping);
            }
            tokio::select! {
                biased;
                answer = &mut answer => {
                    if !sent {
                        points.at(Point::RunSent);
                    }
                    return (answer, watch.stopped.is_some());
                }
                // The answer was asked for once: so it is sent. A quick server has answered by then.
                () = std::future::ready(()), if !sent => {
                    sent = true;
                    points.at(Point::RunSent);
                }
                changed = view.changed(), if heart => heart = changed.is_ok(),
                seen = watch.seen(), if watch.looks() => if let Some(running) = seen {
                    told.tell(running);
                },
                _ = probe.tick() => {
                    watch.look();
                    if let Some(lost) = watch.lost() {
                        return (Err(StatementError::Lost(lost).into()), watch.stopped.is_some());
                    }
                }
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

/// A statement that ran.
struct Ran {
    affected_rows: u64,
    /// What it touched is not kept, and why.
    without: Option<Said>,
}

/// Why a statement has no result.
enum Stopped {
    /// The server refused, or the connection broke.
    Statement(StatementError),
    /// What it touched could not be kept, so it was rolled back.
    RolledBack(Said),
}

impl From<StatementError> for Stopped {
    fn from(error: StatementError) -> Self {
        Self::Statement(error)
    }
}

/// Runs a statement, and keeps what it touches as far as that is planned.
async fn run(
    session: &mut Session,
    (text, (plan, may_without)): (&str, (Plan, bool)),
    (store, at): (Pool, Time),
    (lease, index): (Lease, u32),
) -> Result<Ran, Stopped> {
    let mut without = None;
    if let Plan::TakesBack(steps) = &plan {
        return match session.undo(steps).await {
            Ok(()) => Ok(Ran { affected_rows: steps.iter().map(|step| step.rows).sum(), without }),
            Err(UndoError::Statement { error, .. }) => Err(error.into()),
            Err(UndoError::Changed { at, .. }) => Err(Stopped::RolledBack(changed(at, steps))),
        };
    }
    if let Plan::Kept(backup, kept) = plan {
        let keep = async |images: &[Images]| keep(&store, &backup, (&lease, index), images, at).await;
        match session.run_kept(text, &kept, backup.most, keep).await {
            Ok(affected_rows) => return Ok(Ran { affected_rows, without }),
            Err(KeptError::Statement(error)) => return Err(error.into()),
            Err(KeptError::TooMuch) if may_without => without = Some(too_much(backup.most)),
            Err(KeptError::TooMuch) => return Err(Stopped::RolledBack(unapproved(&too_much(backup.most)))),
            Err(KeptError::Disagreed(Disagreed { read, touched })) => {
                return Err(Stopped::RolledBack(said!(
                    "{read} rows were read to be kept, and the server says that it touched {touched}",
                    "为备份读取了 {read} 行，而服务器报告影响了 {touched} 行"
                )));
            }
            Err(KeptError::NotKept(error)) => return Err(Stopped::RolledBack(error.said())),
        }
    }
    Ok(Ran { affected_rows: session.run(text).await?, without })
}

fn changed(at: usize, steps: &[Step]) -> Said {
    let (number, total) = (at + 1, steps.len());
    let sql: String = steps.get(at).map(|step| step.sql.chars().take(200).collect()).unwrap_or_default();
    said!(
        "a row has changed since this ticket was made, so nothing is taken back. Press **Undo** on the other ticket again: that looks \
         anew, and leaves out what changed. It is the row of step {number} of {total}: `{sql}`",
        "生成本工单之后有行又被修改，因此没有撤销任何内容。请在原工单上再点一次 **撤销变更**：会重新检查，并跳过已变化的行。\
         所在步骤：第 {number} 步（共 {total} 步）：`{sql}`"
    )
}

/// It can not be taken back, and nobody has approved that.
fn unapproved(why: &Said) -> Said {
    let Said { en, zh } = why;
    said!(
        "it could not be taken back ({en}), and nobody has approved it so. File it again: the review tells it now, and a DBA may approve \
         it without undo",
        "它执行后无法撤销（{zh}），而没有人批准过这一点。请重新提交：审核会提示，DBA 可以批准在不可撤销的情况下执行"
    )
}

fn too_much(most: Most) -> Said {
    let (rows, megabytes) = (most.rows, most.bytes >> 20);
    said!(
        "it touches more than {rows} rows or {megabytes} MB, which is the most that is kept",
        "它影响的行超过 {rows} 行或 {megabytes} MB 的保留上限"
    )
}

/// Tells what is seen of a statement.
struct Told<'a> {
    live: &'a Live,
    since: Instant,
    index: u32,
    total: u32,
    /// What the log has last.
    stage: String,
}

impl Told<'_> {
    fn tell(&mut self, running: Running) {
        let Running { stage, permille, rows, blocker } = running;
        let elapsed_ms = self.since.elapsed().as_millis() as u64;
        let (index, total) = (self.index, self.total);
        let progress = Progress { index, total, elapsed_ms, stage, permille, rows, blocker };
        let holder = progress.blocker.as_ref().map(|by| (by.connection, by.account.as_str()));
        let stage = match holder {
            Some((connection, account)) => {
                format!("Waits for a lock that connection {connection} ({account}) holds: {}", progress.stage)
            }
            None if progress.waits_for_lock() => format!("Waits for a lock: {}", progress.stage),
            None => progress.stage.clone(),
        };
        if stage != self.stage && !stage.is_empty() {
            self.live.line(&stage);
            self.stage = stage;
        }
        self.live.progress(progress);
    }
}
