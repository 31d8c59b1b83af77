//! Named places between two writes, or between a write and a message, at which a process may be made to die. Tests walk them all;
//! [`Points`] says what happens there as [`Clock`](crate::clock::Clock) says what time it is: nothing, but where the environment of a
//! debug build asks for it. A release build does not read it.
//!
//! | variable | what happens |
//! | --- | --- |
//! | `DBDESK_DIE_AT=run.noted:2` | the process kills itself the second time it comes there; what it starts inherits the order |
//! | `DBDESK_FREEZE_AT=run.noting` | it stops itself (SIGSTOP) there, until somebody wakes it |
//! | `DBDESK_FAIL_AT=run.noted:3` | the third step of a workflow fails there, as if it could not be done |
//! | `DBDESK_NO_FENCE=1` | it works on though its lease was taken away, to see that the tests would tell |

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

const DIE_AT: &str = "DBDESK_DIE_AT";
const FREEZE_AT: &str = "DBDESK_FREEZE_AT";
const FAIL_AT: &str = "DBDESK_FAIL_AT";
const NO_FENCE: &str = "DBDESK_NO_FENCE";

macro_rules! points {
    ($($(#[$about:meta])* $name:ident = $word:literal,)+) => {
        /// A place at which a process may be made to die.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Point {
            $($(#[$about])* $name,)+
        }

        impl Point {
            /// Every one, in the order in which a ticket comes past them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name: the role, a dot, the place.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

points! {
    /// All of a ticket's change is in the transaction, which is not committed.
    ServeCommitting = "serve.committing",
    /// It is committed; no hint was given, and the caller has no answer.
    ServeCommitted = "serve.committed",
    /// The store forgot its offers for a Redis that is empty; that is not told what is due.
    ControlRebuilding = "control.rebuilding",
    /// Due work is ready, and not offered.
    ControlPromoted = "control.promoted",
    /// It is noted as offered, and on no list.
    ControlOffering = "control.offering",
    /// It is on its list.
    ControlOffered = "control.offered",
    /// It was taken from its list; nobody else knows.
    ControlTaken = "control.taken",
    /// Its process is about to be started, or told.
    ControlLaunching = "control.launching",
    /// Its process was started by `detach`, or is about to be told.
    ControlLaunched = "control.launched",
    /// A process that was started ahead was told its number.
    ControlHanded = "control.handed",
    /// What the process asked the store is answered, or written; it does not know.
    ControlAnswering = "control.answering",
    /// A process is known to be gone, with what it kept; nothing is written in its place.
    ControlRescuing = "control.rescuing",
    /// An answer that a process left behind is told, or known to be useless; it is still there.
    ControlForgetting = "control.forgetting",
    /// What was written in place of a process, or by the desk itself, is committed; no hint was given.
    ControlTelling = "control.telling",
    /// `run` is not started.
    DetachStarting = "detach.starting",
    /// `run` is started, and not noted.
    DetachStarted = "detach.started",
    /// It is noted.
    DetachNoted = "detach.noted",
    /// A process that was started ahead has heard its number.
    RunHeard = "run.heard",
    /// Before the claim.
    RunClaiming = "run.claiming",
    /// The claim is committed; no hint was given and no heart beats.
    RunClaimed = "run.claimed",
    /// A statement is next, and not noted.
    RunNoting = "run.noting",
    /// It is noted as in flight, and not sent.
    RunNoted = "run.noted",
    /// It is sent; its answer was not looked at.
    RunSent = "run.sent",
    /// A person wants it stopped; the server is about to be asked.
    RunStopping = "run.stopping",
    /// It is answered; that is not written.
    RunAnswered = "run.answered",
    /// Its answer is in the journal, and not in the store.
    RunKept = "run.kept",
    /// Its answer is in the store, and still in the journal.
    RunForgetting = "run.forgetting",
    /// Its answer is written.
    RunWritten = "run.written",
    /// That it holds is written.
    RunPaused = "run.paused",
    /// That it goes on is written; nothing was sent.
    RunResumed = "run.resumed",
    /// All is done or one failed; the end is not written.
    RunEnding = "run.ending",
    /// The end is written; the process is not gone.
    RunEnded = "run.ended",
    /// An interaction is acknowledged; the desk was not asked.
    BotAcknowledged = "bot.acknowledged",
    /// The desk did what was asked; the person has no answer.
    BotAnswering = "bot.answering",
    /// A card is posted, and not recorded.
    BotCarded = "bot.carded",
    /// A thread is opened, and not recorded.
    BotThreaded = "bot.threaded",
    /// A part of a story stands in the thread; that is not recorded.
    BotPosted = "bot.posted",
    /// The card shows the newest state; how far the story is told is not recorded.
    BotEdited = "bot.edited",
    /// It is recorded.
    BotRecorded = "bot.recorded",
}

impl Point {
    /// The program, or the role of one, that comes there.
    #[must_use]
    pub fn role(self) -> &'static str {
        self.word().split_once('.').map_or("", |(role, _)| role)
    }

    /// The point of this name.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|point| point.word() == word)
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One passing of a point: the so manyth time that a process comes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passing {
    /// Where.
    pub at: Point,
    /// The how manyth time, from 1.
    pub time: u32,
}

impl Passing {
    /// Reads `run.claimed` or `run.noted:2`.
    ///
    /// # Errors
    /// Says what is known.
    pub fn read(text: &str) -> Result<Self, String> {
        let (word, time) = text.split_once(':').unwrap_or((text, "1"));
        let at = Point::of_word(word).ok_or_else(|| {
            let known: Vec<_> = Point::ALL.iter().map(|point| point.word()).collect();
            format!("“{word}” is no point; known are {}", known.join(", "))
        })?;
        let time = time.parse().ok().filter(|time| *time > 0);
        Ok(Self {
            at,
            time: time.ok_or_else(|| format!("“{text}”: after the colon stands a number from 1"))?,
        })
    }
}

/// What a process does to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// As by `kill -9`: nothing more is done.
    Dies,
    /// As by `kill -STOP`.
    Freezes,
}

/// What happens at the points: nothing by default.
#[derive(Clone, Default)]
pub struct Points {
    passed: Option<Arc<dyn Fn(Point) + Send + Sync>>,
    fails: Option<Fails>,
    unfenced: bool,
}

impl Points {
    /// What this environment asks for; `suffer` brings it about. Nothing in a release build.
    ///
    /// # Errors
    /// A variable names no point: says which are known.
    pub fn asked(
        environment: &BTreeMap<String, String>,
        suffer: impl Fn(Fate, Point) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        if cfg!(debug_assertions) { Self::read(environment, suffer) } else { Ok(Self::default()) }
    }

    fn read(
        environment: &BTreeMap<String, String>,
        suffer: impl Fn(Fate, Point) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let mut fates = Vec::new();
        for (name, fate) in [(DIE_AT, Fate::Dies), (FREEZE_AT, Fate::Freezes)] {
            if let Some(text) = environment.get(name) {
                let passing = Passing::read(text).map_err(|problem| format!("{name}: {problem}"))?;
                fates.push((passing, fate, AtomicU32::new(0)));
            }
        }
        let passed = move |point| {
            for (passing, fate, times) in &fates {
                if point == passing.at && times.fetch_add(1, Ordering::Relaxed) + 1 == passing.time {
                    suffer(*fate, point);
                }
            }
        };
        Ok(Self {
            passed: Some(Arc::new(passed)),
            fails: failing(environment)?,
            unfenced: environment.contains_key(NO_FENCE),
        })
    }

    /// The process is at `point`.
    pub fn at(&self, point: Point) {
        if let Some(passed) = &self.passed {
            passed(point);
        }
    }

    /// Whether what is about to be done at `point` is to fail.
    #[must_use]
    pub fn fails(&self, point: Point) -> bool {
        self.fails.as_ref().is_some_and(|fails| fails(point))
    }

    /// Whether a lease that was taken away stops the work: always, but where the environment said otherwise.
    #[must_use]
    pub fn fenced(&self) -> bool {
        !self.unfenced
    }
}

type Fails = Arc<dyn Fn(Point) -> bool + Send + Sync>;

fn failing(environment: &BTreeMap<String, String>) -> Result<Option<Fails>, String> {
    let Some(text) = environment.get(FAIL_AT) else { return Ok(None) };
    let passing = Passing::read(text).map_err(|problem| format!("{FAIL_AT}: {problem}"))?;
    let times = AtomicU32::new(0);
    Ok(Some(Arc::new(move |point| {
        point == passing.at && times.fetch_add(1, Ordering::Relaxed) + 1 == passing.time
    })))
}

impl fmt::Debug for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Points")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, sync::mpsc};

    #[test]
    fn each_point_has_a_name_of_its_own_that_begins_with_its_role() {
        let words: BTreeSet<_> = Point::ALL.iter().map(|point| point.word()).collect();
        assert_eq!(words.len(), Point::ALL.len());
        for point in Point::ALL {
            assert!(["serve", "control", "detach", "run", "bot"].contains(&point.role()), "{point}");
            assert_eq!(Point::of_word(point.word()), Some(*point));
        }
    }

    #[test]
    fn a_passing_is_a_point_and_the_how_manyth_time() {
        assert_eq!(Passing::read("run.noted"), Ok(Passing { at: Point::RunNoted, time: 1 }));
        assert_eq!(Passing::read("run.noted:3"), Ok(Passing { at: Point::RunNoted, time: 3 }));
        for wrong in ["", "run", "run.noted:", "run.noted:0", "run.noted:x", ":1"] {
            assert!(Passing::read(wrong).is_err(), "{wrong}");
        }
    }

    fn told(told: &[(&str, &str)]) -> BTreeMap<String, String> {
        told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_asked_for_happens_at_its_passing_and_only_there() {
        let (send, seen) = mpsc::channel();
        let asked = told(&[(DIE_AT, "run.noted:2"), (FREEZE_AT, "run.claimed")]);
        let points = Points::asked(&asked, move |fate, point| send.send((fate, point)).unwrap()).unwrap();
        for point in [Point::RunClaimed, Point::RunNoted, Point::RunSent, Point::RunNoted, Point::RunNoted] {
            points.at(point);
        }
        let expected = [(Fate::Freezes, Point::RunClaimed), (Fate::Dies, Point::RunNoted)];
        assert_eq!(
            seen.try_iter().collect::<Vec<_>>(),
            if cfg!(debug_assertions) { &expected[..] } else { &[] }
        );
    }

    #[test]
    fn only_a_debug_build_reads_the_environment() {
        let nowhere = Points::asked(&told(&[(DIE_AT, "nowhere")]), |_, _| {});
        assert_eq!(nowhere.is_err(), cfg!(debug_assertions));
        let unfenced = Points::asked(&told(&[(NO_FENCE, "1")]), |_, _| {}).unwrap();
        assert_eq!(unfenced.fenced(), !cfg!(debug_assertions));
        assert!(Points::asked(&told(&[]), |_, _| {}).unwrap().fenced());
        assert!(Points::default().fenced());
    }
}
