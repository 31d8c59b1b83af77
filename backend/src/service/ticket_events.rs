//! A ticket's log as it grows: each entry once, until the ticket has ended.

use super::{Failure, refuse, ticket_log};
use crate::desk::Desk;
use dbdesk_commands::{id::TicketId, wire::entry::Entry};
use dbdesk_store::ticket;
use futures_util::{Stream, stream};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Without news, one looks by himself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A store that does not answer is asked so often before the listener is let go; he comes again with his cursor.
const TRIES: u32 = 30;

struct Follow {
    desk: Arc<Desk>,
    id: TicketId,
    cursor: u64,
    waiting: VecDeque<Entry>,
    bell: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
    failed: u32,
}

/// The entries after `after`, those that are there and those to come.
pub async fn events(
    desk: Arc<Desk>,
    id: TicketId,
    after: u64,
) -> Result<impl Stream<Item = Entry> + Send + 'static, Failure> {
    ticket::get(&desk.store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    let (bell, stop) = (desk.bell.listen(), desk.stop.clone());
    let follow = Follow { desk, id, cursor: after, waiting: VecDeque::new(), bell, stop, failed: 0 };
    Ok(stream::unfold(follow, next))
}

async fn next(mut follow: Follow) -> Option<(Entry, Follow)> {
    loop {
        if let Some(entry) = follow.waiting.pop_front() {
            return Some((entry, follow));
        }
        // Looked at before the log: what ends the ticket is in its log by then.
        let ended = ticket::get(&follow.desk.store, follow.id).await;
        let page = ticket_log::log(&follow.desk, follow.id, follow.cursor, ticket_log::MOST).await;
        match (ended, page) {
            (Ok(row), Ok(page)) => {
                follow.failed = 0;
                follow.cursor = page.cursor;
                let nothing = page.entries.is_empty();
                follow.waiting.extend(page.entries);
                if nothing && row.is_none_or(|row| row.now.state.is_final()) {
                    return None;
                }
                if !nothing {
                    continue;
                }
            }
            _ if follow.failed >= TRIES => return None,
            _ => follow.failed += 1,
        }
        if *follow.stop.borrow() {
            return None;
        }
        let _ = timeout(LOOK_AGAIN, follow.bell.changed()).await;
    }
}
