//! A ticket's log as it grows, each entry once, with how far its work is and the lines of its processes; until the ticket has ended.

use super::{Failure, Reader, refuse, standing, ticket_log};
use crate::desk::{Desk, LiveNews};
use dbdesk_commands::{
    id::{PersonId, TaskId, TicketId},
    wire::{
        entry::Entry,
        live::{Progress, TaskLogLine, TaskProgress},
    },
};
use dbdesk_store::{live, person, task, task_line, ticket, token};
use futures_util::{Stream, stream};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Without news, one looks by himself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What comes so soon after other news is told with it.
const GATHER: Duration = Duration::from_millis(50);
/// A store that does not answer is asked so often before the listener is let go; he comes again with his cursor.
const TRIES: u32 = 30;
/// Lines of one look; the next ones come with the next look.
const LINES: u32 = 200;

/// What a listener is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// The next entry of the log.
    Entry(Box<Entry>),
    /// The next line of a task's process.
    Line(TaskLogLine),
    /// How far the running statement of a task is now.
    Progress(TaskProgress),
}

struct Follow {
    desk: Arc<Desk>,
    token: u64,
    /// Who listens; absent: the bot.
    who: Option<PersonId>,
    id: TicketId,
    cursor: u64,
    /// The last line told of each task.
    lines: BTreeMap<TaskId, u32>,
    progress: BTreeMap<TaskId, Progress>,
    waiting: VecDeque<Told>,
    bell: watch::Receiver<u64>,
    live: LiveNews,
    stop: watch::Receiver<bool>,
    failed: u32,
}

/// The entries after `after`, those that are there and those to come; all lines of the tasks at hand; the newest progress. Ends with
/// the token, too.
pub async fn events(
    desk: Arc<Desk>,
    reader: &Reader,
    id: TicketId,
    after: u64,
) -> Result<impl Stream<Item = Told> + Send + use<>, Failure> {
    let row = ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    standing::seen(&desk, reader, &row).await?;
    let (bell, live, stop) = (desk.bell.listen(), desk.live.listen(), desk.stop.clone());
    let follow = Follow {
        desk,
        token: reader.token.id,
        who: reader.person.as_ref().map(|caller| caller.person.id),
        id,
        cursor: after,
        lines: BTreeMap::new(),
        progress: BTreeMap::new(),
        waiting: VecDeque::new(),
        bell,
        live,
        stop,
        failed: 0,
    };
    Ok(stream::unfold(follow, next))
}

async fn next(mut follow: Follow) -> Option<(Told, Follow)> {
    loop {
        if let Some(told) = follow.waiting.pop_front() {
            return Some((told, follow));
        }
        match follow.look().await {
            Ok(ended) => {
                follow.failed = 0;
                if !follow.waiting.is_empty() {
                    continue;
                }
                if ended {
                    return None;
                }
            }
            Err(_) if follow.failed >= TRIES => return None,
            Err(_) => follow.failed += 1,
        }
        if *follow.stop.borrow() {
            return None;
        }
        follow.wait().await;
    }
}

impl Follow {
    /// Gathers what is new. Gives whether the ticket has ended; what ends it is in its log by then, and so are the lines.
    async fn look(&mut self) -> Result<bool, Failure> {
        let desk = Arc::clone(&self.desk);
        if !token::lives(&desk.store, self.token, desk.clock.now()).await? {
            return Ok(true);
        }
        let row = ticket::get(&desk.store, self.id).await?;
        if let (Some(who), Some(row)) = (self.who, &row) {
            // What he is may have changed since he began to listen.
            let who = person::by_id(&desk.store, who).await?.filter(|who| !who.roles.is_empty());
            let sees = match &who {
                Some(who) => standing::sees(&desk, who, row).await?,
                None => false,
            };
            if !sees {
                return Ok(true);
            }
        }
        let page = ticket_log::page(&desk, self.id, self.cursor, ticket_log::MOST).await?;
        let run = match row.as_ref().and_then(|row| row.now.task) {
            Some(task) => task::run(&desk.store, task).await?,
            None => Vec::new(),
        };
        self.lines(&run).await?;
        self.cursor = page.cursor;
        self.waiting.extend(page.entries.into_iter().map(|entry| Told::Entry(Box::new(entry))));
        if row.as_ref().is_none_or(|row| row.now.state.is_final()) {
            return Ok(true);
        }
        let progress: BTreeMap<_, _> = live::of_ticket(&desk.store, self.id).await?.into_iter().collect();
        for (task, now) in &progress {
            if self.progress.get(task) != Some(now) {
                let told = TaskProgress { task: *task, progress: now.clone() };
                self.waiting.push_back(Told::Progress(told));
            }
        }
        self.progress = progress;
        Ok(false)
    }

    /// Gathers the next lines of the tasks of a run. What those of the run before had to say at their end comes first: their numbers
    /// are lower, and they are heard until nothing more comes.
    async fn lines(&mut self, run: &[TaskId]) -> Result<(), Failure> {
        for task in run {
            self.lines.entry(*task).or_default();
        }
        let lines = task_line::of_each(&self.desk.store, &self.lines, LINES).await?;
        if lines.len() < LINES as usize {
            self.lines.retain(|task, _| run.contains(task));
        }
        for (task, line) in lines {
            self.lines.entry(task).and_modify(|seq| *seq = line.seq);
            self.waiting.push_back(Told::Line(TaskLogLine { task, line }));
        }
        Ok(())
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = timeout(LOOK_AGAIN, self.bell.changed()) => {}
            () = self.live.of(Some(self.id)) => {
                sleep(GATHER).await;
                self.live.skip();
            }
        }
    }
}
