//! Between two chunks: waiting for whoever is behind, pausing, ending, and showing how far it is.

use super::{PAUSE_PING, Work, chunks::Going, ledger::Halt, strain::Watched};
use dbdesk_commands::wire::live::{Online as Shown, OnlineWaits, Progress};
use dbdesk_store::{chunk::Course, run::Write};
use dbdesk_ticket::task::Wish;
use std::time::{Duration, Instant};

/// Between two looks while it waits.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl Work<'_> {
    /// Waits as long as somebody wants that, or a server is strained. `false`: it is to end.
    pub(super) async fn passes(
        &mut self,
        index: u32,
        going: &mut Going,
        watched: &Watched,
    ) -> Result<bool, Halt> {
        let (mut view, mut stop, mut pinged) =
            (self.ledger.view.clone(), self.ledger.stop.clone(), Instant::now());
        loop {
            let seen = *view.borrow_and_update();
            if seen.closed && self.ledger.points.fenced() {
                return Err(Halt::Fenced);
            }
            if matches!(seen.wish, Wish::Stop | Wish::Cancel) || *stop.borrow() {
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
            script: None,
        });
    }
}
