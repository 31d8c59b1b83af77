//! A change of more rows than are kept at once: one span of the table's primary key after the other, each kept and committed by itself.
//! Between two of them it waits for whoever is behind, pauses, and ends; the next task goes on at the chunk.

use super::{
    PAUSE_PING, Work,
    keep::{Chunk, KEEP_LIMIT, Keeping, Plan},
    ledger::Halt,
    reach::failed,
    sending::{Ran, Stopped, locked_out},
    strain::{self, Watched},
    structure::LOCK_WAIT,
};
use dbdesk_cmdb::Instance;
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        entry::{Cause, Event},
        group::InstanceRole,
        live::{Online as Shown, OnlineWaits, Progress},
    },
};
use dbdesk_components::mysql::target::StatementError;
use dbdesk_review::read;
use dbdesk_store::{
    chunk::{self, Course},
    run::{End, Write},
};
use dbdesk_ticket::task::Wish;
use dbdesk_undo::chunk::{Chunked, chunked};
use std::time::{Duration, Instant};

/// Rows that the first chunk looks at.
const FIRST_ROWS: u64 = 1_000;
/// A chunk that takes too long never looks at fewer, unless their values do not fit.
const FEW_ROWS: u64 = 50;
/// While it waits for locks of rows it holds some itself.
const ROW_WAIT_S: u32 = 3;
/// A chunk that met a lock is tried so often,
const TRIES: u32 = 60;
/// with such a pause in between.
const AGAIN: Duration = Duration::from_secs(1);
/// Between two looks while it waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Finding where a chunk ends is a walk along an index.
const BOUND_LIMIT: Duration = Duration::from_mins(1);
/// Another session was chosen over ours.
const DEADLOCK: u16 = 1213;

/// How it goes.
struct Going {
    course: Course,
    /// Rows that the next chunk looks at.
    size: u64,
    since: Instant,
    /// Rows that were looked at when it began.
    from: u64,
    /// Rows of the table, by the server's statistics.
    table_rows: Option<u64>,
    paused: bool,
    tries: u32,
}

impl Going {
    fn stopped(&self, why: Said) -> Stopped {
        Stopped::InChunks { why, chunks: self.course.chunks, rows: self.course.rows }
    }
}

/// A chunk to be made.
struct Piece {
    sql: String,
    plan: Plan,
    upto: chunk::Key,
}

type Answer = (Result<Ran, Stopped>, bool);

impl Work<'_> {
    /// How a statement is made in chunks, and how far it is. One that was begun so never runs as a whole: the rows of the chunks that are
    /// committed would change twice.
    pub(super) async fn begun(
        &mut self,
        index: u32,
        text: &str,
        plan: &Plan,
    ) -> Result<Result<(Option<Chunked>, Option<Course>), End>, Halt> {
        if !self.script.may_in_chunks(index) {
            return Ok(Ok((None, None)));
        }
        let (chunked, course) = (self.chunked(index, text, plan), self.course(index).await?);
        if chunked.is_none() && course.is_some() {
            let last = Event::RolledBack { index, total: self.total, why: changed() };
            return Ok(Err(failed(Cause::Statement, Some(last))));
        }
        Ok(Ok((chunked, course)))
    }

    /// How a statement is made in chunks, where that comes to the same and was approved.
    fn chunked(&self, index: u32, text: &str, plan: &Plan) -> Option<Chunked> {
        if !matches!(plan, Plan::Kept(_)) || !self.script.may_in_chunks(index) {
            return None;
        }
        let script = read(text).ok()?;
        let (_, facts) = self.seen.as_ref()?;
        chunked(&script, script.statements().first()?, facts, Some(&self.database))
    }

    /// How far an earlier task has come with it. Not knowing is not the same as not far.
    async fn course(&mut self, index: u32) -> Result<Option<Course>, Halt> {
        let (pool, since) = (self.ledger.pen.pool().clone(), Instant::now());
        loop {
            let asked = chunk::newest(&pool, &self.ledger.lease, index);
            match tokio::time::timeout(KEEP_LIMIT, asked).await {
                Ok(Ok(course)) => return Ok(course),
                Ok(Err(fault @ dbdesk_store::Error::Fault(_))) => return Err(Halt::Fault(fault)),
                Ok(Err(_)) | Err(_) => self.ledger.patience(since)?,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// As a whole, or in chunks where it touches too much for that, or was begun so.
    pub(super) async fn whole_or_in_chunks(
        &mut self,
        index: u32,
        text: &str,
        (plan, may_without): (&Plan, bool),
        (chunked, course): (Option<Chunked>, Option<Course>),
    ) -> Result<Answer, Halt> {
        if course.is_none() {
            let answer = self.sent(index, text, (plan, may_without, chunked.is_some())).await?;
            if !matches!(answer, (Err(Stopped::TooMuch(_)), false)) {
                return Ok(answer);
            }
        }
        match chunked {
            Some(chunked) => Box::pin(self.in_chunks(index, &chunked, course)).await,
            None => Ok((Err(Stopped::RolledBack(changed())), false)),
        }
    }

    async fn in_chunks(
        &mut self,
        index: u32,
        chunked: &Chunked,
        before: Option<Course>,
    ) -> Result<Answer, Halt> {
        let course = match self.began(index, chunked, before).await? {
            Ok(Some(course)) => course,
            Ok(None) => return Ok((Ok(Ran::default()), false)),
            Err(stopped) => return Ok((Err(stopped), self.is_cancelled())),
        };
        let (total, rows, table_rows) = (self.total, course.rows, chunked.rows);
        self.tell(Event::InChunks { index, total, rows, table_rows }).await?;
        let from = course.looked_at;
        let mut going = Going {
            course,
            size: FIRST_ROWS,
            since: Instant::now(),
            from,
            table_rows,
            paused: false,
            tries: 0,
        };
        let watched = self.watch_servers().await?;
        let answer = self.all_chunks(index, chunked, &mut going, &watched).await;
        if let Some(reached) = &mut self.reached {
            // Where this fails the connection is broken, which the next statement finds.
            let _ = reached.session.wait_for_rows(None).await;
        }
        answer
    }

    /// Where it begins: at the first row of the table as it is now, or behind the last that an earlier task committed. `None`: there
    /// are no rows.
    async fn began(
        &mut self,
        index: u32,
        chunked: &Chunked,
        before: Option<Course>,
    ) -> Result<Result<Option<Course>, Stopped>, Halt> {
        let Some(reached) = &mut self.reached else { return Ok(Err(no_session().into())) };
        if let Err(error) = reached.session.wait_for_rows(Some(ROW_WAIT_S)).await {
            return Ok(Err(error.into()));
        }
        let course = if let Some(before) = before {
            // The parts of its own backup are counted anew.
            Course { parts: 0, ..before }
        } else {
            let moment = reached.session.first("SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) AS CHAR)", 1).await;
            let end = reached.session.first(&chunked.last(), chunked.key_columns()).await;
            match (moment, end) {
                (Ok(Some(moment)), Ok(Some(end_key))) => {
                    let moment = moment.into_iter().flatten().next().unwrap_or_default();
                    Course { moment, end_key, ..Course::default() }
                }
                (Ok(_), Ok(_)) => return Ok(Ok(None)),
                (Err(error), _) | (_, Err(error)) => return Ok(Err(error.into())),
            }
        };
        let (pool, since) = (self.ledger.pen.pool().clone(), Instant::now());
        loop {
            let noted = chunk::begin(&pool, &self.ledger.lease, index, &course);
            match tokio::time::timeout(KEEP_LIMIT, noted).await {
                Ok(Ok(())) => return Ok(Ok(Some(course))),
                Ok(Err(fault @ dbdesk_store::Error::Fault(_))) => return Err(Halt::Fault(fault)),
                Ok(Err(_)) | Err(_) => self.ledger.patience(since)?,
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn all_chunks(
        &mut self,
        index: u32,
        chunked: &Chunked,
        going: &mut Going,
        watched: &Watched,
    ) -> Result<Answer, Halt> {
        loop {
            if !self.passes(index, going, watched).await? {
                return Ok((Err(going.stopped(asked_to_end())), self.is_cancelled()));
            }
            let piece = match self.piece(chunked, going).await {
                Ok(Some(piece)) => piece,
                Ok(None) => {
                    return Ok((Ok(Ran { affected_rows: going.course.rows, ..Ran::default() }), false));
                }
                Err(why) => return Ok((Err(going.stopped(why)), false)),
            };
            self.ledger.proof().await?;
            let started = Instant::now();
            let (answer, cancelled) = self.send(index, &piece.sql, &piece.plan).await;
            match answer {
                Ok(ran) => self.committed(index, going, (piece, ran), started.elapsed()).await?,
                Err(lost @ Stopped::Statement(StatementError::Lost(_))) => return Ok((Err(lost), cancelled)),
                Err(stopped) if cancelled => return Ok((Err(going.stopped(stopped.why())), true)),
                Err(stopped) => {
                    if let Err(why) = self.again(going, stopped) {
                        return Ok((Err(going.stopped(why)), false));
                    }
                    if going.tries > 0 {
                        // What somebody wants meanwhile is heard before the next try.
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        }
    }

    /// Notes a chunk that is committed, and how large the next one is to be.
    async fn committed(
        &mut self,
        index: u32,
        going: &mut Going,
        (piece, ran): (Piece, Ran),
        took: Duration,
    ) -> Result<(), Halt> {
        let Going { course, size, tries, .. } = going;
        course.upto = Some(piece.upto);
        course.chunks += 1;
        course.rows += ran.affected_rows;
        course.looked_at += *size;
        course.parts += ran.parts;
        self.ledger.write(Write::Chunk { index, course: course.clone() }).await?;
        *tries = 0;
        let aim = Duration::from_millis(self.settings.ddl.chunk_ms);
        let most = self.settings.backup.as_ref().map_or(FIRST_ROWS, |backup| backup.most.rows);
        if took * 2 < aim {
            *size = (*size * 2).min(most);
        } else if took > aim * 2 {
            *size = (*size / 2).max(FEW_ROWS.min(most));
        }
        Ok(())
    }

    /// Whether a chunk that was rolled back is tried again, smaller or a little later.
    fn again(&mut self, going: &mut Going, stopped: Stopped) -> Result<(), Said> {
        let locked = |code: u16| code == LOCK_WAIT || code == DEADLOCK;
        match stopped {
            Stopped::TooMuch(_) if going.size > 1 => going.size /= 2,
            Stopped::NotKept(why) if why.passes() && going.since.elapsed() < self.patience() => {
                going.tries = going.tries.max(1);
                self.live.line(&format!("{}; the chunk was rolled back, and is tried again.", why.said().en));
            }
            Stopped::Statement(StatementError::Server { code, .. }) if locked(code) => {
                going.tries += 1;
                if going.tries >= TRIES {
                    return Err(locked_out(going.tries, self.live.blocker()));
                }
                let tries = going.tries;
                self.live.line(&format!(
                    "A lock was waited for in vain ({tries} of {TRIES}); the chunk is tried again."
                ));
            }
            other => return Err(other.why()),
        }
        Ok(())
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.settings.patience_ms)
    }

    /// The next chunk; `None`: there is none. What is seen of the table is at most some seconds old.
    async fn piece(&mut self, chunked: &Chunked, going: &Going) -> Result<Option<Piece>, Said> {
        let Course { upto: after, end_key, moment, .. } = &going.course;
        if after.as_ref() == Some(end_key) {
            return Ok(None);
        }
        let query = chunked.bound(after.as_ref(), end_key, going.size).map_err(|_| unsound())?;
        let bound = match &mut self.reached {
            Some(reached) => reached.session.first(&query, chunked.key_columns()),
            None => return Err(gone(&no_session())),
        };
        let bound = tokio::time::timeout(BOUND_LIMIT, bound).await;
        let bound = bound.unwrap_or_else(|_| Err(StatementError::Lost("no answer in time".into())));
        let upto = bound.map_err(|error| gone(&error))?.unwrap_or_else(|| end_key.clone());
        let sql = chunked.piece(after.as_ref(), &upto).map_err(|_| unsound())?;
        let chunk = Chunk {
            moment: moment.clone(),
            parts: going.course.parts,
            rows: going.course.rows,
            upto: upto.clone(),
        };
        let plan = self.chunk_plan(&sql, chunk).await?;
        Ok(Some(Piece { sql, plan, upto }))
    }

    async fn chunk_plan(&mut self, sql: &str, chunk: Chunk) -> Result<Plan, Said> {
        let Some(backup) = self.settings.backup.clone() else { return Err(changed()) };
        let Ok(script) = read(sql) else { return Err(changed()) };
        let Some(statement) = script.statements().first() else { return Err(changed()) };
        self.look(&statement.shape, None)
            .await
            .map_err(|why| said!("the table could not be looked at: {why}", "无法查看相关的表：{why}"))?;
        let Some((_, facts)) = &self.seen else { return Err(changed()) };
        let kept = dbdesk_undo::plan(&script, statement, facts, (Some(&self.database), backup.most.rows));
        let kept = kept.map_err(|lack| lack.said())?;
        Ok(Plan::Kept(Box::new(Keeping { backup, kept, chunk: Some(chunk) })))
    }

    /// Waits as long as somebody wants that, or a server is strained. `false`: it is to end.
    async fn passes(&mut self, index: u32, going: &mut Going, watched: &Watched) -> Result<bool, Halt> {
        let (mut view, mut stop, mut pinged) =
            (self.ledger.view.clone(), self.ledger.stop.clone(), Instant::now());
        loop {
            let seen = *view.borrow_and_update();
            if seen.closed && self.ledger.points.fenced() {
                return Err(Halt::Fenced);
            }
            if seen.wish == Wish::Cancel || *stop.borrow() {
                return Ok(false);
            }
            let pauses = seen.wish == Wish::Pause;
            if pauses != going.paused {
                let write = if pauses { Write::PausedIn(index) } else { Write::ResumedIn(index) };
                if self.turn(write).await? {
                    going.paused = pauses;
                }
            }
            let waits = if pauses { Some(OnlineWaits::Pause) } else { watched.exceeds(self.limits()) };
            self.show(index, going, waits.clone(), watched);
            if waits.is_none() {
                return Ok(true);
            }
            tokio::select! {
                changed = view.changed() => changed.map_err(|_| Halt::Unwritten)?,
                Ok(()) = stop.changed() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if pinged.elapsed() > PAUSE_PING
                && let Some(reached) = &mut self.reached
            {
                pinged = Instant::now();
                let _ = reached.session.readiness(self.settings.connect_limit()).await;
            }
        }
    }

    fn show(&self, index: u32, going: &Going, waits: Option<OnlineWaits>, watched: &Watched) {
        let Course { chunks, rows, looked_at, .. } = going.course;
        let elapsed = going.since.elapsed();
        let rate = (looked_at - going.from).checked_div(elapsed.as_secs());
        let table_rows = going.table_rows.filter(|rows| *rows > 0);
        let left = table_rows.map(|all| all.saturating_sub(looked_at));
        let (lag_ms, threads_running) = watched.worst();
        let online = Shown {
            chunk: Some(chunks + 1),
            rows_per_s: rate,
            left_ms: left.and_then(|left| left.saturating_mul(1_000).checked_div(rate?)),
            lag_ms,
            threads_running,
            limits: Some(self.limits()),
            waits,
        };
        let permille = table_rows.map(|all| (looked_at.saturating_mul(1_000) / all).min(999) as u16);
        self.live.progress(Progress {
            index,
            total: self.total,
            elapsed_ms: elapsed.as_millis() as u64,
            stage: String::new(),
            permille,
            rows: Some(rows),
            blocker: None,
            online: Some(online),
        });
    }

    async fn watch_servers(&mut self) -> Result<Watched, Halt> {
        let limit = self.settings.connect_limit();
        let group = self.ledger.group(self.group).await?;
        let account =
            (self.settings.account)(&group.as_ref().map(|group| group.name.clone()).unwrap_or_default());
        let replicas: Vec<(Instance, _)> = group
            .iter()
            .flat_map(|group| &group.instances)
            .filter(|instance| instance.role == InstanceRole::Replica)
            .map(|replica| (replica.clone(), account.options(&replica.host, replica.port)))
            .collect();
        let primary = match &self.reached {
            Some(reached) => reached.options.clone(),
            None => account.options("", 0),
        };
        Ok(strain::watch(primary, replicas, limit))
    }
}

fn no_session() -> StatementError {
    StatementError::Lost("there is no session".into())
}

fn gone(error: &StatementError) -> Said {
    said!("where its next chunk ends could not be asked: {error}", "无法确定下一批的边界：{error}")
}

fn unsound() -> Said {
    said!("the key of a row is no value that can be written into SQL", "有一行的主键值无法写入 SQL")
}

fn changed() -> Said {
    said!(
        "it can not be made in chunks any more: the table is not as it was when it was begun",
        "已无法继续分批执行：表的结构和开始时不同"
    )
}

fn asked_to_end() -> Said {
    said!("it was to end", "要求停止")
}
