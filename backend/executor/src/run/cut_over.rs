//! What the tool is told at this moment, and when a copy that is complete may take the table's place.

use super::{Work, ledger::Halt, strain::Watched, tool::Course};
use dbdesk_cmdb::window;
use dbdesk_commands::wire::{entry::Event, live::OnlineWaits, throttle::Limits};
use dbdesk_components::osc::Word;
use dbdesk_ticket::task::Wish;

impl Work<'_> {
    /// What the tool is to do now, and why it is not to copy.
    pub(super) async fn word(&mut self, course: &Course, watched: &Watched) -> (Word, Option<OnlineWaits>) {
        let wish = self.ledger.view.borrow().wish;
        if wish == Wish::Cancel
            || *self.ledger.stop.borrow()
            || course.loses.is_some()
            || course.repeats.is_some()
            || course.stopping.is_some()
        {
            return (Word::Stop, None);
        }
        if wish == Wish::Pause {
            return (Word::Wait, Some(OnlineWaits::Pause));
        }
        if let Some(waits) = watched.exceeds(self.limits()) {
            return (Word::Wait, Some(waits));
        }
        // What it says until all is copied may still be that a value is lost.
        if !course.copied {
            return (Word::Hold, None);
        }
        if self.settings.ddl.cut_over_in_quiet_window && !self.is_quiet().await {
            return (Word::Hold, Some(OnlineWaits::QuietWindow));
        }
        (Word::Go, None)
    }

    /// The lag and load above which the tool waits.
    pub(super) fn limits(&self) -> Limits {
        self.ledger.view.borrow().limits(self.settings.ddl.limits())
    }

    /// Whether a quiet window is open; a group without any is always quiet.
    async fn is_quiet(&mut self) -> bool {
        let now = self.ledger.clock.now();
        match self.ledger.group(self.group).await {
            Ok(Some(group)) if !group.quiet_windows.is_empty() => {
                window::next(&group.quiet_windows, group.time_zone, now).is_some_and(|open| open <= now)
            }
            _ => true,
        }
    }

    /// Tells once what a complete copy waits for.
    pub(super) async fn held(
        &mut self,
        course: &mut Course,
        waits: Option<&OnlineWaits>,
    ) -> Result<(), Halt> {
        if waits != Some(&OnlineWaits::QuietWindow) || course.told_hold {
            return Ok(());
        }
        course.told_hold = true;
        let now = self.ledger.clock.now();
        let group = self.ledger.group(self.group).await?;
        let until = group.and_then(|group| window::next(&group.quiet_windows, group.time_zone, now));
        self.tell(Event::CutOverHeld { until }).await
    }
}
