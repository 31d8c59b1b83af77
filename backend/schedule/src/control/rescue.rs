//! What becomes of work whose process is gone or does not hear, and what else there is to be told at each tick.

use super::{Control, Intake, Settings, pulse::Loop, step::Step};
use crate::{
    force::force,
    reconcile::{self, Machine},
};
use dbdesk_commands::{clock::Time, point::Point};
use dbdesk_store::{
    Error,
    queue::{self, Held},
    silence::Patience,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Between two looks for what no machine can take.
const SERVED_EVERY: Duration = Duration::from_secs(5);

/// An answer of the store that comes so long after the one before is a break: nobody could renew a lease meanwhile.
const BREAK: Duration = Duration::from_secs(15);

/// Most processes that one look stops by force.
const UNHEARD: u32 = 100;

impl Control {
    /// Ends what lost its process, at each end of a process; and at each tick what there is to be told.
    pub(super) async fn rescuing(&self, here: mpsc::Sender<Intake>) {
        let mut rescue = Step::new("rescue");
        let mut telling = Telling::new();
        let (mut steady, mut answered) = (Instant::now(), Instant::now());
        let (lease, tick) =
            (Duration::from_millis(self.settings.lease_ms), Duration::from_millis(self.settings.tick_ms));
        let mut told: Option<Instant> = None;
        loop {
            self.pulse.beat(Loop::Rescuing);
            let now = self.clock.now();
            let clashes = self.standing.borrow().clashes;
            let gone = |held: &Held| !clashes && (self.hands.gone)(held);
            let known = |held: &Held| {
                let known = (self.hands.known)(held);
                self.hands.points.at(Point::ControlRescuing);
                known
            };
            let (host, seen) = (&self.settings.about.process.host, &*self.hands.seen);
            let machine = Machine { host, gone: &gone, known: &known, seen };
            let trusts = || {
                heard(&mut answered, &mut steady);
                steady.elapsed() >= lease
            };
            let rescued = reconcile::rescue(&self.store, &machine, trusts, now).await;
            match rescue.done(rescued) {
                Some(rescued) => {
                    self.tell(&rescued.ended);
                    self.watch(&rescued.alive_here);
                }
                None => steady = Instant::now(),
            }
            if told.is_none_or(|told| told.elapsed() >= tick) {
                told = Some(Instant::now());
                self.telling(&mut telling, (&mut answered, &mut steady), now).await;
            }
            let _ = here.try_send(Intake::Room);
            let left = tick.saturating_sub(told.map(|told| told.elapsed()).unwrap_or_default());
            tokio::select! {
                () = self.ended.notified() => {}
                () = tokio::time::sleep(left) => {}
            }
        }
    }

    /// Says which processes do not answer, stops those that do not hear, expires what was not used, says what waits for what.
    async fn telling(
        &self,
        steps: &mut Telling,
        (answered, steady): (&mut Instant, &mut Instant),
        now: Time,
    ) {
        // A round of many steps is no break: each answer counts.
        let mut heard = |answer: bool| {
            self.pulse.beat(Loop::Rescuing);
            if answer {
                heard(answered, steady);
            }
            steady.elapsed()
        };
        let steadily = heard(false);
        let Settings { lease_ms, silent_after_ms, about, .. } = &self.settings;
        let patience = Patience { lease_ms: *lease_ms, silent_after_ms: *silent_after_ms };
        // While the store was away nobody could renew.
        if steadily >= Duration::from_millis(*silent_after_ms) {
            let told = steps.silence.done(reconcile::silence(&self.store, patience, now).await);
            heard(told.is_some());
            self.tell(&told.unwrap_or_default());
        }
        if !self.standing.borrow().clashes {
            heard(steps.unheard.done(self.force(&about.process.host).await).is_some());
        }
        let expired = steps.expire.done(reconcile::expire(&self.store, now).await);
        heard(expired.is_some());
        self.tell(&expired.unwrap_or_default());
        let waiting = self.waiting.borrow().clone();
        // It reads all that is ready.
        let serves = steps.served.is_none_or(|served| served.elapsed() >= SERVED_EVERY);
        if serves {
            steps.served = Some(Instant::now());
        }
        let told = async {
            let mut told = reconcile::waits(&self.store, &waiting, now).await?;
            if serves {
                told.extend(reconcile::unserved(&self.store, now).await?);
            }
            told.extend(reconcile::calm(&self.store, now).await?);
            told.extend(reconcile::lapse(&self.store, now).await?);
            Ok::<_, Error>(told)
        };
        let told = steps.waits.done(told.await);
        heard(told.is_some());
        self.tell(&told.unwrap_or_default());
    }

    /// Stops what was cancelled and does not hear it, each process once.
    async fn force(&self, host: &str) -> Result<(), Error> {
        for held in queue::unheard(&self.store, host, self.settings.cancel_grace_ms, UNHEARD).await? {
            let key = (held.task, held.epoch);
            let fresh = || self.forced.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
            if (self.hands.gone)(&held) || !fresh() {
                continue;
            }
            let control = self.clone();
            tokio::spawn(async move {
                let (end, after) =
                    ((control.hands.end)(&held), Duration::from_millis(control.settings.kill_after_ms));
                force(&control.store, &control.clock, &control.hands.means, &held, after, end).await;
                control.tell(&[held.ticket]);
                control.ended.notify_one();
            });
        }
        Ok(())
    }

    /// Waits for the end of each process once: what is not believed to be gone is looked at again with the next tick.
    fn watch(&self, alive: &[Held]) {
        let key = |held: &Held| (held.task, held.epoch);
        let all: BTreeSet<_> = alive.iter().map(key).collect();
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|key| all.contains(key));
        for held in alive {
            if watched.insert(key(held)) {
                let (end, ended) = ((self.hands.end)(held), Arc::clone(&self.ended));
                tokio::spawn(async move {
                    end.await;
                    ended.notify_one();
                });
            }
        }
    }
}

/// The store has answered: what came so long after the answer before was a break.
fn heard(answered: &mut Instant, steady: &mut Instant) {
    if std::mem::replace(answered, Instant::now()).elapsed() >= BREAK {
        *steady = Instant::now();
    }
}

/// The steps of [`Control::telling`].
struct Telling {
    silence: Step,
    unheard: Step,
    expire: Step,
    waits: Step,
    /// When it was last looked for what no machine can take.
    served: Option<Instant>,
}

impl Telling {
    fn new() -> Self {
        Self {
            silence: Step::new("silence"),
            unheard: Step::new("unheard"),
            expire: Step::new("expire"),
            waits: Step::new("waits"),
            served: None,
        }
    }
}
