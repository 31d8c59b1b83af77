//! Whether each loop of a control still comes round. A server that vanished without a word leaves a connection on which an answer is
//! waited for for ever; a control that begins anew has none of these.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Looks within the limit. Counted in looks and not in time: one that was frozen itself is not to blame its loops.
const LOOKS: u32 = 20;

/// The loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loop {
    Offering,
    Rescuing,
    Dispatching,
    Registering,
    Sweeping,
}

impl Loop {
    const ALL: [Self; 5] =
        [Self::Offering, Self::Rescuing, Self::Dispatching, Self::Registering, Self::Sweeping];
}

/// A part of this control waited for so long in vain that it has to begin anew. What runs runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{at:?} has not come round for {} s: an answer is waited for in vain", .limit.as_secs())]
pub struct Stuck {
    at: Loop,
    limit: Duration,
}

/// How often each came round.
#[derive(Debug, Default)]
pub(super) struct Pulse([AtomicU64; Loop::ALL.len()]);

impl Pulse {
    pub(super) fn beat(&self, of: Loop) {
        self.0[of as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Waits until one has not come round for so long.
    pub(super) async fn stops(&self, limit: Duration) -> Stuck {
        let mut seen = Loop::ALL.map(|_| (0, 0));
        loop {
            tokio::time::sleep(limit / LOOKS).await;
            for (at, (before, missed)) in Loop::ALL.into_iter().zip(&mut seen) {
                let beats = self.0[at as usize].load(Ordering::Relaxed);
                *missed = if beats == *before { *missed + 1 } else { 0 };
                *before = beats;
                if *missed >= LOOKS {
                    return Stuck { at, limit };
                }
            }
        }
    }
}
