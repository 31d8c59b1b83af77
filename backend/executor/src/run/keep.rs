//! What takes a statement back: planned before it is sent, kept before it is committed.

use super::{Work, shelf::Shelf, structure::Structure};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::{
    mysql::{
        OpenError,
        facts::{Limits, gather_whole},
        undoable::Most,
    },
    s3::S3Error,
};
use dbdesk_review::{
    Facts, Statement,
    facts::{Question, TableName},
    questions::changed_tables,
    read,
    shape::Shape,
};
use dbdesk_store::chunk;
use dbdesk_undo::{
    Kept,
    restore::Step,
    rollback,
    sealed::{Closed, Key, NONCE_BYTES},
};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// What keeps may take so long to keep what a statement touches: until then its rows are locked.
pub(super) const KEEP_LIMIT: Duration = Duration::from_secs(20);
/// The tables of so many statements are looked at together.
const AHEAD: usize = 50;
/// What was seen of tables counts for so long.
const SEEN_LASTS: Duration = Duration::from_secs(5);
/// A target that did not tell is asked again after so long.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// How rows are kept. Its `Debug` shows no key.
#[derive(Clone)]
pub struct Backup {
    /// Seals them.
    pub key: Key,
    /// So much of each statement.
    pub most: Most,
    /// Bytes that never come twice.
    pub chance: Arc<dyn Fn() -> Option<[u8; NONCE_BYTES]> + Send + Sync>,
    /// Where what is sealed goes.
    pub shelf: Shelf,
}

impl fmt::Debug for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backup({:?})", self.key)
    }
}

/// What is kept of a statement, and how.
#[derive(Debug)]
pub(super) struct Keeping {
    pub(super) backup: Backup,
    pub(super) kept: Vec<Kept>,
    /// It is a part of a larger one.
    pub(super) chunk: Option<Chunk>,
}

/// A part of a statement.
#[derive(Debug)]
pub(super) struct Chunk {
    /// What `NOW()` says in all of it.
    pub(super) moment: String,
    /// Parts that were kept of those before.
    pub(super) parts: u32,
    /// Rows that those touched.
    pub(super) rows: u64,
    /// The key of its last row.
    pub(super) upto: chunk::Key,
}

/// Whether a statement can be taken back.
#[derive(Debug)]
pub(super) enum Plan {
    /// It changes no rows, or nothing is kept here.
    Plain,
    /// By what is kept of these tables.
    Kept(Box<Keeping>),
    /// It takes something back itself, all of it or nothing.
    TakesBack(Vec<Step>),
    /// It can not, and why.
    Without(Said),
    /// It is not run, and why.
    Refused(Said),
    /// It changes structure.
    Structure(Box<Structure>),
}

/// Why nothing was kept.
#[derive(Debug)]
pub(super) enum NotKept {
    /// It could not be packed and sealed.
    Closed(Closed),
    /// There was no chance to be had.
    NoChance,
    /// Our own database did not take it.
    Store(dbdesk_store::Error),
    /// It did not answer.
    Time,
    /// The bucket did not take it.
    Bucket(S3Error),
    /// The target did not say what it is.
    Target(OpenError),
}

impl NotKept {
    /// Whether the same may succeed later: our own database or the bucket is away.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Time | Self::Store(dbdesk_store::Error::Retry(_) | dbdesk_store::Error::Conflict) => true,
            Self::Bucket(error) => error.passes(),
            Self::Store(_) | Self::Closed(_) | Self::NoChance | Self::Target(_) => false,
        }
    }

    /// In words.
    pub(super) fn said(&self) -> Said {
        let limit_s = KEEP_LIMIT.as_secs();
        match self {
            Self::Closed(error) => said!(
                "what it touches could not be kept, since it can not be sealed: {error}",
                "它影响的行未能备份，无法加密：{error}"
            ),
            Self::NoChance => said!(
                "what it touches could not be kept, since no random bytes could be had",
                "它影响的行未能备份，无法取得随机数"
            ),
            Self::Store(error) => {
                said!(
                    "what it touches could not be kept, since the desk's own database does not take it: {error}",
                    "它影响的行未能备份，dbdesk 自己的数据库无法写入：{error}"
                )
            }
            Self::Target(error) => {
                said!("what the table is now could not be kept: {error}", "无法记录表的当前结构：{error}")
            }
            Self::Bucket(error) => {
                let Said { en, zh } = error.said();
                said!(
                    "what it touches could not be kept in the bucket of backups: {en}",
                    "它影响的行未能写入备份存储桶：{zh}"
                )
            }
            Self::Time => said!(
                "what it touches could not be kept, since the desk's own database did not answer within {limit_s} s",
                "它影响的行未能备份，dbdesk 自己的数据库在 {limit_s} 秒内没有应答"
            ),
        }
    }
}

/// What was seen of the tables of a target, and when.
pub(super) type Seen = Option<(Instant, Facts)>;

impl Work<'_> {
    /// Looks at the tables that a statement changes, and says how it could be taken back.
    pub(super) async fn plan(&mut self, index: u32, text: &str) -> Plan {
        if let Some(steps) = self.script.takes_back().then(|| steps(text)).flatten() {
            return Plan::TakesBack(steps);
        }
        let Ok(script) = read(text) else { return Plan::Plain };
        let Some(statement) = script.statements().first() else { return Plan::Plain };
        if !statement.shape.is_dml() {
            // It may change tables.
            self.seen = None;
            return if statement.shape.is_ddl() {
                self.plan_structure(index, &script, &statement.shape).await
            } else {
                Plan::Plain
            };
        }
        let Some(backup) = self.settings.backup.clone() else { return Plan::Plain };
        if self.script.keeps_a_session() {
            return Plan::Without(said!(
                "the script opens transactions or locks tables itself",
                "脚本自行开启事务或锁表"
            ));
        }
        if let Err(why) = self.look(&statement.shape, Some(index)).await {
            return Plan::Without(said!(
                "the tables could not be looked at: {why}",
                "无法查看相关的表：{why}"
            ));
        }
        let Some((_, facts)) = &self.seen else { return Plan::Plain };
        match dbdesk_undo::plan(&script, statement, facts, (Some(&self.database), backup.most.rows)) {
            Ok(kept) => Plan::Kept(Box::new(Keeping { backup, kept, chunk: None })),
            Err(lack) => Plan::Without(lack.said()),
        }
    }

    /// Sees what the target says of the tables that a statement changes. A script of many statements asks once in a while only, and of
    /// those that come next as well: what hangs on a table is a question to all of them.
    pub(super) async fn look(&mut self, shape: &Shape, index: Option<u32>) -> Result<(), OpenError> {
        let mut names = self.named(shape);
        let serves = |(at, facts): &(Instant, Facts)| {
            at.elapsed() < SEEN_LASTS && names.iter().all(|name| facts.looked(name).is_some())
        };
        if self.seen.as_ref().is_none_or(|seen| !serves(seen)) {
            names.extend(index.map(|index| self.ahead(index)).unwrap_or_default());
            names.sort_unstable();
            names.dedup();
            let questions: Vec<Question> = names
                .iter()
                .flat_map(|name| [Question::Table(name.clone()), Question::Along(name.clone())])
                .collect();
            self.seen = Some((Instant::now(), self.asked(&questions).await?));
        }
        Ok(())
    }

    fn named(&self, shape: &Shape) -> Vec<TableName> {
        changed_tables(shape).iter().map(|table| table.named(Some(&self.database))).collect()
    }

    /// The tables of the changes of rows that follow.
    fn ahead(&self, index: u32) -> Vec<TableName> {
        let after = self.script.iter().skip(index as usize + 1).take(AHEAD);
        let read = after.map_while(|(_, text)| read(text).ok());
        let shapes = read.map_while(|script| Some(script.statements().first()?.shape.clone()));
        shapes.take_while(Shape::is_dml).flat_map(|shape| self.named(&shape)).collect()
    }

    /// What the target says, and of all that changes along. One that does not answer is asked again for as long as one that can not be
    /// reached: what is not known is no reason to refuse.
    pub(super) async fn asked(&mut self, questions: &[Question]) -> Result<Facts, OpenError> {
        let (since, limit) = (Instant::now(), self.settings.connect_limit());
        let limits = Limits { connect: limit, total: limit, ..Limits::default() };
        loop {
            let Some(options) = self.reached.as_ref().map(|reached| reached.options.clone()) else {
                return Err(OpenError::Unreachable("no session".into()));
            };
            let told = gather_whole(&options, questions, &limits).await;
            let waits = since.elapsed() < Duration::from_millis(self.settings.target_wait_ms);
            if !matches!(told, Err(OpenError::Unreachable(_))) || !waits || !self.rest(ASKED_AGAIN).await {
                return told;
            }
        }
    }
}

/// The steps of a part that takes rows back; `None` where it is something else.
fn steps(text: &str) -> Option<Vec<Step>> {
    let script = read(text).ok()?;
    let step = |statement: &Statement| {
        Some(Step { sql: script.text(statement).to_owned(), rows: rollback::rows_of(statement)? })
    };
    script.statements().iter().map(step).collect()
}
