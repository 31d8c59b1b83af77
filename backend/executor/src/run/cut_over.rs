//! What the tool is told at this moment, and when a copy that is complete may take the table's place.

use super::{Work, ledger::Halt, strain::Watched, tool::Course};
use dbdesk_cmdb::window;
use dbdesk_commands::wire::{cut_over::CutOver, entry::Event, live::OnlineWaits, throttle::Limits};
use dbdesk_components::osc::Word;
use dbdesk_store::run::Write;
use dbdesk_ticket::task::Wish;

impl Work<'_> {
    /// What the tool is to do now, and why it is not to copy, or not to change places.
    pub(super) async fn word(
        &mut self,
        index: u32,
        course: &mut Course,
        watched: &Watched,
    ) -> Result<(Word, Option<OnlineWaits>), Halt> {
        let wish = self.ledger.view.borrow().wish;
        // A copy that has begun to take its table's place goes on with it, whatever another lane does.
        if wish == Wish::Cancel
            || wish == Wish::Stop && !course.cuts_over
            || *self.ledger.stop.borrow()
            || course.loses.is_some()
            || course.repeats.is_some()
            || course.stopping.is_some()
        {
            return Ok((Word::Stop, None));
        }
        if wish == Wish::Pause {
            return Ok((Word::Wait, Some(OnlineWaits::Pause)));
        }
        // It was let go, and nobody can hold it any more: nor does a window that closes, or a replica that falls behind, in that moment.
        if course.cuts_over {
            return Ok((Word::Go, None));
        }
        if let Some(waits) = watched.exceeds(self.limits()) {
            return Ok((Word::Wait, Some(waits)));
        }
        // What it says until all is copied may still be that a value is lost.
        if !course.copied {
            return Ok((Word::Hold, None));
        }
        let heard = self.ledger.view.borrow().cut_over;
        if let Some(waits) = self.cut_over_waits(heard).await {
            return Ok((Word::Hold, Some(waits)));
        }
        // A wish that is on its way is heard before: whoever was told that it is held finds it so.
        course.cuts_over = self.turn(Write::CutsOver { index, heard }).await?;
        Ok((if course.cuts_over { Word::Go } else { Word::Hold }, None))
    }

    /// What a copy that is complete waits for: what a DBA said, or else the configuration.
    async fn cut_over_waits(&mut self, said: Option<CutOver>) -> Option<OnlineWaits> {
        let in_window = match said {
            Some(CutOver::Hold) => return Some(OnlineWaits::CutOver),
            Some(CutOver::Now) => false,
            Some(CutOver::Quiet) => true,
            None => self.settings.ddl.cut_over_in_quiet_window,
        };
        (in_window && !self.is_quiet().await).then_some(OnlineWaits::QuietWindow)
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

    /// Tells what a complete copy waits for, once.
    pub(super) async fn held(&mut self, course: &mut Course, waits: Option<OnlineWaits>) -> Result<(), Halt> {
        if waits == course.told {
            return Ok(());
        }
        let event = match waits {
            Some(OnlineWaits::CutOver) => Event::CutOverAwaited,
            Some(OnlineWaits::QuietWindow) => {
                let now = self.ledger.clock.now();
                let group = self.ledger.group(self.group).await?;
                let until = group.and_then(|group| window::next(&group.quiet_windows, group.time_zone, now));
                Event::CutOverHeld { until }
            }
            _ => return Ok(()),
        };
        course.told = waits;
        self.tell(event).await
    }
}
