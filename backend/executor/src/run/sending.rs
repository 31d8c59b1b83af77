//! Sending a statement and waiting for its end: what is seen of it meanwhile, how it is stopped, and when it is sent again.

use super::{
    Work,
    keep::{Keeping, NotKept, Plan},
    ledger::Halt,
    look::{KILL_EVERY, Watch},
    shelf::keep,
    structure::{self, Ddl, LOCK_WAIT, Refused},
};
use crate::live::Live;
use dbdesk_commands::{
    clock::Clock,
    lang::{Said, said},
    point::Point,
    wire::{
        entry::Event,
        live::{Blocker, Progress},
    },
};
use dbdesk_components::mysql::{
    look::Running,
    target::{Session, StatementError},
    undoable::{KeptError, Most, UndoError},
};
use dbdesk_store::{Pool, run::Lease};
use dbdesk_ticket::task::Wish;
use dbdesk_undo::{Disagreed, Images, restore::Step};
use std::time::{Duration, Instant};

/// What could not be kept, since our own database was away, is tried again after so long.
const KEEP_AGAIN: Duration = Duration::from_secs(2);

impl Work<'_> {
    /// Sends it; a change of structure that found a lock is sent again after a pause, in which it keeps nobody waiting.
    pub(super) async fn sent(
        &mut self,
        index: u32,
        text: &str,
        (mut plan, may_without, may_in_chunks): (&Plan, bool, bool),
    ) -> Result<(Result<Ran, Stopped>, bool), Halt> {
        let Ddl { lock_tries, lock_pause_ms, lock_wait_s, .. } = self.settings.ddl;
        let (mut tries, since) = (0, Instant::now());
        loop {
            // Whatever came in between may have taken long.
            self.ledger.proof().await?;
            let started = Instant::now();
            let (answer, cancelled) = self.send(index, text, plan).await;
            if let Err(Stopped::NotKept(why)) = &answer {
                if cancelled
                    || !why.passes()
                    || since.elapsed() > Duration::from_millis(self.settings.patience_ms)
                {
                    return Ok((answer, cancelled));
                }
                self.live.line(&format!("{}; it was rolled back, and is tried again.", why.said().en));
                if !self.rest(KEEP_AGAIN).await {
                    let cancelled = self.ledger.view.borrow().wish == Wish::Cancel;
                    return Ok((answer, cancelled));
                }
                continue;
            }
            if let (Err(Stopped::TooMuch(_)), true, false) = (&answer, may_in_chunks, cancelled) {
                return Ok((answer, false));
            }
            if let Err(Stopped::TooMuch(why)) = &answer {
                if cancelled || !may_without {
                    return Ok((Err(Stopped::RolledBack(unapproved(why))), cancelled));
                }
                // Told before it runs without: from then on nobody can know by what was kept.
                self.tell(Event::WithoutUndo { index, why: why.clone() }).await?;
                plan = &Plan::Plain;
                continue;
            }
            let locked =
                matches!(&answer, Err(Stopped::Statement(StatementError::Server { code: LOCK_WAIT, .. })));
            if cancelled || !locked || !matches!(plan, Plan::Structure(_)) {
                return Ok((answer, cancelled));
            }
            // What worked for long before it found the lock, such as a copy of the table, is not done all over again.
            let long = started.elapsed() > Duration::from_secs(u64::from(lock_wait_s) + 60);
            tries += 1;
            if tries >= lock_tries || long {
                let why = locked_out(tries, self.live.blocker());
                return Ok((Err(Stopped::RolledBack(why)), false));
            }
            if tries == 1 {
                let holder = self.live.blocker();
                self.tell(Event::LockWaits {
                    index,
                    total: self.total,
                    tries: lock_tries,
                    pause_ms: lock_pause_ms,
                    holder,
                })
                .await?;
            }
            self.live.line(&format!("A lock was waited for in vain ({tries} of {lock_tries}); tried again."));
            if !self.rest(Duration::from_millis(lock_pause_ms)).await {
                let message = "it was to end while it waited for a lock".to_owned();
                let cancelled = self.ledger.view.borrow().wish == Wish::Cancel;
                return Ok((Err(StatementError::Server { code: LOCK_WAIT, message }.into()), cancelled));
            }
        }
    }

    /// Rests for so long, and longer while it is to pause. `false`: it is to end.
    pub(super) async fn rest(&mut self, pause: Duration) -> bool {
        let until = tokio::time::Instant::now() + pause;
        let (mut view, mut stop) = (self.ledger.view.clone(), self.ledger.stop.clone());
        loop {
            let wish = view.borrow_and_update().wish;
            if matches!(wish, Wish::Stop | Wish::Cancel) || *stop.borrow() {
                return false;
            }
            let over = tokio::time::Instant::now() >= until;
            if over && wish == Wish::Go {
                return true;
            }
            tokio::select! {
                changed = view.changed() => if changed.is_err() { return false; },
                Ok(()) = stop.changed() => {}
                () = tokio::time::sleep_until(until), if !over => {}
            }
        }
    }

    /// Sends and waits, stops it when a person cancels, and looks from outside how far it is and whether it is still there.
    /// Gives the answer, and whether it was asked to stop before that.
    pub(super) async fn send(&mut self, index: u32, text: &str, plan: &Plan) -> (Result<Ran, Stopped>, bool) {
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
        let store = (self.ledger.pen.pool().clone(), self.ledger.clock.clone());
        let ddl = self.settings.ddl.clone();
        let mut answer =
            std::pin::pin!(run(&mut reached.session, (text, plan), store, (self.ledger.lease, index), &ddl));
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
}

/// A statement that ran.
#[derive(Default)]
pub(super) struct Ran {
    pub(super) affected_rows: u64,
    /// What else is to be said of it, beside the server's warnings.
    pub(super) note: Option<String>,
    /// Parts of the backup that were kept of it.
    pub(super) parts: u32,
}

/// Why a statement has no result.
pub(super) enum Stopped {
    /// The server refused, or the connection broke.
    Statement(StatementError),
    /// It was rolled back, and why.
    RolledBack(Said),
    /// The same, since what it touched could not be kept.
    NotKept(NotKept),
    /// The same, since it touches more than is kept.
    TooMuch(Said),
    /// It stopped between two of its chunks, and why.
    InChunks {
        /// Why.
        why: Said,
        /// Chunks that are committed.
        chunks: u32,
        /// Rows that they touched.
        rows: u64,
    },
}

impl Stopped {
    pub(super) fn why(self) -> Said {
        match self {
            Self::RolledBack(why) | Self::TooMuch(why) | Self::InChunks { why, .. } => why,
            Self::NotKept(error) => error.said(),
            Self::Statement(error) => said!("{error}", "{error}"),
        }
    }
}

impl From<StatementError> for Stopped {
    fn from(error: StatementError) -> Self {
        Self::Statement(error)
    }
}

/// Runs a statement, and keeps what it touches as far as that is planned.
async fn run(
    session: &mut Session,
    (text, plan): (&str, &Plan),
    (store, clock): (Pool, Clock),
    (lease, index): (Lease, u32),
    ddl: &Ddl,
) -> Result<Ran, Stopped> {
    if let Plan::Structure(structure) = plan {
        return match structure::run(session, text, structure, ddl).await {
            Ok(affected_rows) => Ok(Ran { affected_rows, ..Ran::default() }),
            Err(Refused::Statement(error)) => Err(error.into()),
            Err(Refused::Aside(why)) => Err(Stopped::RolledBack(why)),
        };
    }
    if let Plan::TakesBack(steps) = plan {
        return match session.undo(steps).await {
            Ok(()) => Ok(Ran { affected_rows: steps.iter().map(|step| step.rows).sum(), ..Ran::default() }),
            Err(UndoError::Statement { error, .. }) => Err(error.into()),
            Err(UndoError::Changed { at, .. }) => Err(Stopped::RolledBack(changed(at, steps))),
        };
    }
    if let Plan::Kept(keeping) = plan {
        let Keeping { backup, kept, chunk } = &**keeping;
        let moment = chunk.as_ref().map(|chunk| chunk.moment.as_str());
        let mut parts = 0;
        let keep = async |images: &[Images]| {
            parts = keep((&store, &clock), keeping, (&lease, index), images).await?;
            Ok(())
        };
        match session.run_kept(text, kept, (backup.most, moment), keep).await {
            Ok(affected_rows) => return Ok(Ran { affected_rows, note: None, parts }),
            Err(KeptError::Statement(error)) => return Err(error.into()),
            Err(KeptError::TooMuch) => return Err(Stopped::TooMuch(too_much(backup.most))),
            Err(KeptError::Disagreed(Disagreed { read, touched })) => {
                return Err(Stopped::RolledBack(said!(
                    "{read} rows were read to be kept, and the server says that it touched {touched}",
                    "为备份读取了 {read} 行，而服务器报告影响了 {touched} 行"
                )));
            }
            Err(KeptError::NotKept(error)) => return Err(Stopped::NotKept(error)),
        }
    }
    Ok(Ran { affected_rows: session.run(text).await?, ..Ran::default() })
}

fn changed(at: usize, steps: &[Step]) -> Said {
    let (number, total) = (at + 1, steps.len());
    let sql: String = steps.get(at).map(|step| step.sql.chars().take(200).collect()).unwrap_or_default();
    // It is shown as code, and names in it have such quotes themselves.
    let sql = sql.replace('`', "");
    said!(
        "a row has changed since this ticket was made, so nothing is taken back. Press “Undo” on the other ticket again: that looks \
         anew, and leaves out what changed. It is the row of step {number} of {total}: `{sql}`",
        "生成本工单之后有行又被修改，因此没有撤销任何内容。请在原工单上再点一次“撤销变更”：会重新检查，并跳过已变化的行。\
         所在步骤：第 {number} 步（共 {total} 步）：`{sql}`"
    )
}

pub(super) fn locked_out(tries: u32, holder: Option<Blocker>) -> Said {
    let (en, zh) = holder.map_or_else(Default::default, |holder| {
        let Blocker { connection, account, .. } = holder;
        (
            format!(" Last seen holding it: connection {connection} of {account}."),
            format!("最后看到持有锁的是 {account} 的连接 {connection}。"),
        )
    });
    said!(
        "another session held a lock on the table each time, {tries} times.{en} Find out what that session does, or run this at a quieter \
         time",
        "尝试了 {tries} 次，每次表上的锁都被其他会话持有。{zh}请查明该会话在做什么，或换一个空闲的时间执行"
    )
}

/// It can not be taken back, and nobody has approved that.
pub(super) fn unapproved(why: &Said) -> Said {
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
        let progress =
            Progress { index, total, elapsed_ms, stage, permille, rows, blocker, online: None, script: None };
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
