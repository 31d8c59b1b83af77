//! A change of more rows than are kept at once: one span of the table's primary key after the other, each kept and committed by itself.
//! Between two of them it waits for whoever is behind, pauses, and ends; the next task goes on at the chunk.

use super::{
    Work,
    keep::{Chunk, Keeping, Plan},
    ledger::Halt,
    reach::failed,
    sending::{Ran, Stopped, locked_out},
    strain::Watched,
    structure::LOCK_WAIT,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::entry::{Cause, Event},
};
use dbdesk_components::mysql::target::StatementError;
use dbdesk_review::read;
use dbdesk_store::{
    chunk::{self, Course},
    run::{End, Write},
};
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
/// What is asked beside a chunk is a walk along an index, or less.
const ASK_LIMIT: Duration = Duration::from_mins(1);
/// Another session was chosen over ours.
const DEADLOCK: u16 = 1213;

/// How it goes.
pub(super) struct Going {
    pub(super) course: Course,
    /// Rows that the next chunk looks at.
    size: u64,
    pub(super) since: Instant,
    /// Rows that were looked at when it began.
    pub(super) from: u64,
    /// Rows of the table, by the server's statistics.
    pub(super) table_rows: Option<u64>,
    pub(super) paused: bool,
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
        let (pool, lease) = (self.ledger.pen.pool().clone(), self.ledger.lease);
        self.ledger.patiently(|| chunk::newest(&pool, &lease, index)).await
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
        let (chunks, rows) = before.as_ref().map_or((0, 0), |before| (before.chunks, before.rows));
        let course = match self.began(chunked, before).await {
            Ok(Some(course)) => course,
            Ok(None) => return Ok((Ok(Ran::default()), false)),
            Err(why) => return Ok((Err(Stopped::InChunks { why, chunks, rows }), self.is_cancelled())),
        };
        let (pool, lease) = (self.ledger.pen.pool().clone(), self.ledger.lease);
        self.ledger.patiently(|| chunk::begin(&pool, &lease, index, &course)).await?;
        self.tell(Event::InChunks { index, total: self.total, rows, table_rows: chunked.rows }).await?;
        let from = course.looked_at;
        let mut going = Going {
            course,
            size: FIRST_ROWS,
            since: Instant::now(),
            from,
            table_rows: chunked.rows,
            paused: false,
            tries: 0,
        };
        let watched = self.servers().await?.watched(self.settings.connect_limit()).await;
        let answer = self.all_chunks(index, chunked, &mut going, &watched).await;
        // Where this fails the connection is broken, which the next statement finds.
        let _ = self.waits_for_rows(None).await;
        answer
    }

    /// Where it begins: at the first row of the table as it is now, or behind the last that an earlier task committed. `None`: there
    /// are no rows.
    async fn began(&mut self, chunked: &Chunked, before: Option<Course>) -> Result<Option<Course>, Said> {
        self.waits_for_rows(Some(ROW_WAIT_S)).await.map_err(|error| gone(&error))?;
        match before {
            // The key's columns, in another order, would say something else.
            Some(before) if before.key_columns != chunked.key_columns() => Err(changed()),
            // The parts of its own backup are counted anew.
            Some(before) => Ok(Some(Course { parts: 0, ..before })),
            None => {
                let moment = self.first("SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) AS CHAR)", 1).await?;
                let key_columns = chunked.key_columns();
                let end = self.first(&chunked.last(), key_columns.len()).await?;
                let moment = moment.into_iter().flatten().flatten().next().unwrap_or_default();
                Ok(end.map(|end_key| Course { moment, key_columns, end_key, ..Course::default() }))
            }
        }
    }

    async fn waits_for_rows(&mut self, seconds: Option<u32>) -> Result<(), StatementError> {
        let limit = self.settings.connect_limit();
        let Some(reached) = &mut self.reached else { return Err(no_session()) };
        let set = tokio::time::timeout(limit, reached.session.wait_for_rows(seconds)).await;
        set.unwrap_or_else(|_| Err(StatementError::Lost("no answer in time".into())))
    }

    /// The first row that a question has. A session that does not answer is of no use for another.
    async fn first(&mut self, query: &str, columns: usize) -> Result<Option<chunk::Key>, Said> {
        let Some(reached) = &mut self.reached else { return Err(gone(&no_session())) };
        if let Ok(found) = tokio::time::timeout(ASK_LIMIT, reached.session.first(query, columns)).await {
            return found.map_err(|error| gone(&error));
        }
        self.reached = None;
        Err(gone(&StatementError::Lost("no answer in time".into())))
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
        let upto = self.first(&query, chunked.key_columns().len()).await?.unwrap_or_else(|| end_key.clone());
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
