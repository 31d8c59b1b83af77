//! A ticket's log as it grows, each entry once, with how far its work is and the lines of its process; until the ticket has ended.

use super::{Failure, refuse, ticket_log};
use crate::desk::{Desk, LiveNews};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        entry::Entry,
        live::{TaskLogLine, TaskProgress},
    },
};
use dbdesk_store::{live, task_line, ticket};
use futures_util::{Stream, stream};
use std::{collections::VecDeque, sync::Arc, time::Duration};
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
    /// The next line of the task's process.
    Line(TaskLogLine),
    /// How far the running statement is now.
    Progress(TaskProgress),
}

struct Follow {
    desk: Arc<Desk>,
    id: TicketId,
    cursor: u64,
    /// The last line told, and whose.
    line: Option<(TaskId, u32)>,
    progress: Option<TaskProgress>,
    waiting: VecDeque<Told>,
    bell: watch::Receiver<u64>,
    live: LiveNews,
    stop: watch::Receiver<bool>,
    failed: u32,
}

/// The entries after `after`, those that are there and those to come; all lines of the task at hand; the newest progress.
pub async fn events(
    desk: Arc<Desk>,
    id: TicketId,
    after: u64,
) -> Result<impl Stream<Item = Told> + Send + 'static, Failure> {
    ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    let (bell, live, stop) = (desk.bell.listen(), desk.live.listen(), desk.stop.clone());
    let follow = Follow {
        desk,
        id,
        cursor: after,
        line: None,
        progress: None,
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
        let row = ticket::get(&desk.store, self.id).await?;
        let page = ticket_log::log(&desk, self.id, self.cursor, ticket_log::MOST).await?;
        let task = row.as_ref().and_then(|row| row.now.task);
        // What the one before had to say at its end comes first.
        let before = self.line.map(|(of, _)| of).filter(|of| Some(*of) != task);
        for task in before.into_iter().chain(task) {
            if self.lines(task).await? {
                break;
            }
        }
        self.cursor = page.cursor;
        self.waiting.extend(page.entries.into_iter().map(|entry| Told::Entry(Box::new(entry))));
        if row.as_ref().is_none_or(|row| row.now.state.is_final()) {
            return Ok(true);
        }
        let progress = live::of_ticket(&desk.store, self.id).await?;
        let progress = progress.map(|(task, progress)| TaskProgress { task, progress });
        if progress != self.progress {
            self.waiting.extend(progress.clone().map(Told::Progress));
            self.progress = progress;
        }
        Ok(false)
    }

    /// Gathers lines of a task. Gives whether there may be more.
    async fn lines(&mut self, task: TaskId) -> Result<bool, Failure> {
        let after = self.line.filter(|(of, _)| *of == task).map_or(0, |(_, seq)| seq);
        let lines = task_line::after(&self.desk.store, task, after, LINES).await?;
        self.line = Some((task, lines.last().map_or(after, |line| line.seq)));
        let more = lines.len() == LINES as usize;
        self.waiting.extend(lines.into_iter().map(|line| Told::Line(TaskLogLine { task, line })));
        Ok(more)
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
