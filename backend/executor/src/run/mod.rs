//! `dbdesk-run`: claim one task, do its work statement by statement, write what happened, end.

mod account;
mod asked;
mod between_chunks;
mod chunks;
mod cluster;
mod cut_over;
mod keep;
mod ledger;
mod look;
mod machines;
mod online;
mod reach;
mod script;
mod scripted;
mod sending;
mod shelf;
mod statement;
mod steer;
mod steps;
mod strain;
mod structure;
mod tool;
mod workflow;

pub use account::{Granting, expected, secret_place};
pub use cluster::Steering;
pub use keep::Backup;
pub use ledger::{Halt, Notify};
pub use machines::{Looks, Machines, OwnAccounts, SshKeys};
pub use script::{NotApproved, Script, changes, keeps_a_session, parts};
pub use scripted::Scripting;
pub use shelf::{Shelf, place};
pub use structure::Ddl;
pub use tool::{copy_name, old_name};

use crate::{
    heartbeat::{self, Rhythm, View},
    live::{self, Live},
    pen::{ANSWER_LIMIT, Pen},
    relay::{Answer, Ask, Assignment},
};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Clock,
    id::TaskId,
    point::{Point, Points},
    wire::{
        entry::{Cause, Event},
        waits::Waits,
    },
};
use dbdesk_components::mysql::fence::Fence;
use dbdesk_review::{facts::TableName, numbered::Numbered, read};
use dbdesk_store::{
    Connect,
    run::{Claimant, End, Write},
};
use dbdesk_ticket::{machine::TaskEnd, task::Wish};
use ledger::Ledger;
use reach::{Reached, failed};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    collections::BTreeSet,
    fmt, io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// While a task is paused, its session is kept awake so often.
const PAUSE_PING: Duration = Duration::from_secs(30);

/// The desk's account on the servers it works on. Its `Debug` does not show the password.
#[derive(Clone)]
pub struct Account {
    /// Name.
    pub user: String,
    /// Password.
    pub password: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.user)
    }
}

impl Account {
    fn options(&self, host: &str, port: u16) -> MySqlConnectOptions {
        MySqlConnectOptions::new().host(host).port(port).username(&self.user).password(&self.password)
    }
}

/// The account for a service group, by the group's name.
pub type Accounts = Arc<dyn Fn(&str) -> Account + Send + Sync>;

/// How work is done.
#[derive(Clone)]
pub struct Settings {
    /// Our own database.
    pub store: Connect,
    /// The account on the targets of a service group, by the group's name.
    pub account: Accounts,
    /// Where logs and what is known are kept.
    pub state_dir: PathBuf,
    /// Told when there is news in the store of how far the work is. Must not block; may be lost.
    pub progress: Notify,
    /// How the lease is kept.
    pub rhythm: Rhythm,
    /// A target that is away before a statement is tried for so long.
    pub target_wait_ms: u64,
    /// Longest for a connection and each small question to a target.
    pub connect_ms: u64,
    /// While a statement runs, it is looked at so often.
    pub probe_ms: u64,
    /// A server that can not be asked for so long while a statement runs is given up.
    pub silence_ms: u64,
    /// Our own database may be away for so long.
    pub patience_ms: u64,
    /// How the rows that statements touch are kept, where they are.
    pub backup: Option<Backup>,
    /// How changes of structure are made.
    pub ddl: Ddl,
    /// How accounts are made, where they are.
    pub granting: Option<Arc<Granting>>,
    /// How servers are steered, where they are.
    pub steering: Option<Arc<Steering>>,
    /// How hosts, proxies, virtual IPs and names are reached, where they are.
    pub machines: Option<Arc<Machines>>,
    /// How the DBAs' scripts are run, where they are.
    pub scripting: Option<Arc<Scripting>>,
    /// What happens between two writes.
    pub points: Points,
}

impl Settings {
    /// As in production, but for where things are.
    #[must_use]
    pub fn usual(store: Connect, account: Accounts, state_dir: PathBuf) -> Self {
        Self {
            store,
            account,
            state_dir,
            progress: Arc::new(|_| {}),
            rhythm: Rhythm::USUAL,
            target_wait_ms: 30_000,
            connect_ms: 5_000,
            probe_ms: 1_000,
            silence_ms: 300_000,
            patience_ms: 6 * 3_600_000,
            backup: None,
            ddl: Ddl::default(),
            granting: None,
            steering: None,
            machines: None,
            scripting: None,
            points: Points::default(),
        }
    }

    fn connect_limit(&self) -> Duration {
        Duration::from_millis(self.connect_ms)
    }
}

/// What became of this process's call.
#[derive(Debug)]
pub enum Outcome {
    /// There was nothing to do: somebody else has the task, or it is not to be done any more.
    NotOurs,
    /// It must not start beside what runs. It stays ready, and control tells what it waits for.
    Waits(Waits),
    /// The work ended so, and that is written.
    Ended(TaskEnd),
    /// Nothing more may be written; the reconciler tells the end.
    Halted(Halt),
}

/// Claims `task` and does its work. `stop`: end after the statement in flight.
pub async fn run(
    task: TaskId,
    by: Claimant,
    pen: Pen,
    settings: Settings,
    clock: Clock,
    stop: watch::Receiver<bool>,
) -> Result<Outcome, dbdesk_store::Error> {
    let points = settings.points.clone();
    points.at(Point::RunClaiming);
    let asked = Instant::now();
    let claim = Ask::Claim { task, by, lease_ms: settings.rhythm.lease_ms, at: clock.now() };
    let late = |_| dbdesk_store::Error::Retry(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
    let work = match tokio::time::timeout(ANSWER_LIMIT, pen.ask(claim)).await.map_err(late)?? {
        Answer::Ours(assignment) => *assignment,
        Answer::Waits(waits) => return Ok(Outcome::Waits(waits)),
        _ => return Ok(Outcome::NotOurs),
    };
    points.at(Point::RunClaimed);
    let (live, words) = live::pair(clock.clone(), Arc::clone(&settings.progress));
    let first = View::first(asked, work.throttle, work.cut_over);
    let heart = heartbeat::start(&settings.store, work.lease, settings.rhythm, first, words.clone())
        .map_err(|error| dbdesk_store::Error::Fault(error.into()))?;
    let mut ledger = Ledger {
        pen,
        lease: work.lease,
        clock,
        view: heart.view.clone(),
        stop,
        state_dir: settings.state_dir.clone(),
        proof: Duration::from_millis(settings.rhythm.proof_ms),
        patience: Duration::from_millis(settings.patience_ms),
        points: points.clone(),
    };
    let script = match &work.sql.request {
        Some(_) => Script::of_request(&work.sql, work.approved_hash.as_deref()),
        None => Script::approved(&work.sql, work.approved_hash.as_deref(), work.total),
    };
    let end = match script {
        Err(NotApproved) => Ok(failed(Cause::ContentChanged, None)),
        Ok(script) => {
            let Assignment { lease, filed_at, total, from, todo, goes_on, group, database, sql, .. } = work;
            let numbered =
                goes_on.then(|| read(&sql.text).ok().map(|script| Numbered::of(&script))).flatten();
            let fence = points.fenced().then(|| Fence::new(lease.ticket, filed_at));
            let ledger = &mut ledger;
            let mut work = Work {
                fence,
                total,
                from,
                todo,
                numbered,
                passed_over: false,
                group,
                database,
                settings,
                script,
                reached: None,
                seen: None,
                changed: BTreeSet::new(),
                live,
                ledger,
            };
            let is_script = sql.request.as_deref().is_some_and(is_script);
            let end = match &sql.request {
                Some(request) => match serde_json::from_str(request) {
                    Ok(dbdesk_script::Request::Script(run)) => Box::pin(work.script(&run, &sql.text)).await,
                    Err(_) => Box::pin(work.requested(request, &sql.text)).await,
                },
                None => Box::pin(work.all()).await,
            };
            work.leave(&end).await;
            if is_script {
                // It may have said more in its last moment than is written with the end.
                Box::pin(words.end(work.ledger.pen.pool(), &lease)).await;
            }
            end
        }
    };
    let ended = match end {
        Ok(end) => {
            let (how, lines) = (end.end, words.last().await);
            points.at(Point::RunEnding);
            let written = Box::pin(ledger.write(Write::Ended { end, lines })).await;
            points.at(Point::RunEnded);
            written.map(|()| how)
        }
        Err(halt) => {
            Box::pin(words.end(ledger.pen.pool(), &ledger.lease)).await;
            Err(halt)
        }
    };
    Ok(ended.map_or_else(Outcome::Halted, Outcome::Ended))
}

fn is_script(request: &str) -> bool {
    serde_json::from_str::<dbdesk_script::Request>(request).is_ok()
}

/// One task's work.
struct Work<'a> {
    fence: Option<Fence>,
    total: u32,
    /// Its first statement; those before ran in the task that it tries again.
    from: u32,
    /// What it runs, where that is not all from the first on.
    todo: Option<Vec<u32>>,
    /// The numbered tables, where it goes on with the next when one fails.
    numbered: Option<Numbered>,
    /// It did.
    passed_over: bool,
    group: GroupId,
    database: String,
    settings: Settings,
    script: Script,
    reached: Option<Reached>,
    seen: keep::Seen,
    /// Tables whose structure was changed.
    changed: BTreeSet<TableName>,
    live: Live,
    ledger: &'a mut Ledger,
}

impl Work<'_> {
    async fn all(&mut self) -> Result<End, Halt> {
        let is_left = |index: u32| match &self.todo {
            Some(todo) => todo.binary_search(&index).is_ok(),
            None => index >= self.from,
        };
        let left = self.script.iter().filter(|(index, _)| is_left(*index));
        let statements: Vec<(u32, String)> = left.map(|(index, text)| (index, text.to_owned())).collect();
        for (index, text) in statements {
            loop {
                if let Some(end) = self.gate().await? {
                    return Ok(end);
                }
                if let Err(end) = self.reach(index).await? {
                    return Ok(end);
                }
                match self.statement(index, &text).await {
                    Ok(Some(end)) => match self.passed_over(index, end).await? {
                        Some(end) => return Ok(end),
                        None => break,
                    },
                    Ok(None) => break,
                    Err(Halt::Asked) => self.hears().await?,
                    Err(halt) => return Err(halt),
                }
            }
        }
        let changed = std::mem::take(&mut self.changed);
        self.compare_replicas(&changed).await?;
        if self.passed_over {
            return Ok(failed(Cause::PassedOver, None));
        }
        Ok(End { end: TaskEnd::Succeeded, cause: None, last: None })
    }

    /// Goes on after a failure, where it was told to and the statement is one of several on numbered tables, but the first: what
    /// fails there fails everywhere. `Some`: the work ends.
    async fn passed_over(&mut self, index: u32, end: End) -> Result<Option<End>, Halt> {
        let is_one = self.numbered.as_ref().is_some_and(|numbered| numbered.is_repeated(index as usize));
        match end {
            End { end: TaskEnd::Failed, cause: Some(Cause::Statement), last: Some(event) } if is_one => {
                self.ledger.write(Write::PassedOver { index, event }).await?;
                self.passed_over = true;
                Ok(None)
            }
            end => Ok(Some(end)),
        }
    }

    /// Takes leave of the server in order, unless it is not known to listen.
    async fn leave(&mut self, end: &Result<End, Halt>) {
        if let (Some(reached), Ok(End { end: TaskEnd::Succeeded | TaskEnd::Failed, .. })) =
            (self.reached.take(), end)
        {
            reached.session.close(self.settings.connect_limit()).await;
        }
    }

    /// Waits until the heartbeat has brought what the store knows already: somebody wants something else.
    async fn hears(&mut self) -> Result<(), Halt> {
        let looking = Duration::from_millis(self.settings.rhythm.look_ms) * 2;
        match tokio::time::timeout(looking, self.ledger.view.changed()).await {
            Ok(Err(_)) => Err(Halt::Unwritten),
            // Not heard of any more: it was taken back.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    /// Holds or goes on. `false`: by now somebody wants something else; nothing was written, and it is heard.
    async fn turn(&mut self, write: Write) -> Result<bool, Halt> {
        match self.ledger.write(write).await {
            Ok(()) => Ok(true),
            Err(Halt::Asked) => self.hears().await.map(|()| false),
            Err(halt) => Err(halt),
        }
    }

    /// Whether somebody wants the work to end before its next statement.
    fn asked_to_end(&self) -> Option<End> {
        if self.ledger.view.borrow().wish == Wish::Cancel {
            return Some(End { end: TaskEnd::Cancelled, cause: Some(Cause::Cancelled), last: None });
        }
        let stops = self.ledger.view.borrow().wish == Wish::Stop;
        let cause = if stops { Cause::OtherLane } else { Cause::Stopped };
        (stops || *self.ledger.stop.borrow()).then(|| failed(cause, None))
    }

    /// Between two statements: ends when it is asked to, holds while it is asked to.
    async fn gate(&mut self) -> Result<Option<End>, Halt> {
        let mut holding = false;
        loop {
            let view = *self.ledger.view.borrow();
            if view.closed && self.ledger.points.fenced() {
                return Err(Halt::Fenced);
            }
            if let Some(end) = self.asked_to_end() {
                return Ok(Some(end));
            }
            match (view.wish, holding) {
                (Wish::Pause, false) => {
                    holding = self.turn(Write::Paused).await?;
                    self.ledger.points.at(Point::RunPaused);
                }
                (Wish::Pause, true) => self.hold().await?,
                (Wish::Go | Wish::Stop | Wish::Cancel, true) => {
                    let goes_on = self.turn(Write::Resumed).await?;
                    self.ledger.points.at(Point::RunResumed);
                    if goes_on {
                        return Ok(None);
                    }
                }
                (Wish::Go | Wish::Stop | Wish::Cancel, false) => return Ok(None),
            }
        }
    }

    /// Waits for a change; the session is kept awake meanwhile. What becomes of it is looked at before the next statement.
    async fn hold(&mut self) -> Result<(), Halt> {
        let Ledger { view, stop, .. } = &mut *self.ledger;
        tokio::select! {
            seen = view.changed() => seen.map_err(|_| Halt::Unwritten)?,
            Ok(()) = stop.changed() => {}
            () = tokio::time::sleep(PAUSE_PING) => {
                if let Some(reached) = &mut self.reached {
                    let _ = reached.session.readiness(self.settings.connect_limit()).await;
                }
            }
        }
        Ok(())
    }

    async fn tell(&mut self, event: Event) -> Result<(), Halt> {
        self.ledger.write(Write::Told(event)).await
    }
}
