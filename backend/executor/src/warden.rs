//! `dbdesk-warden`: a process between a task and the script that it runs. Whatever the script starts stays below it (it adopts orphans, also
//! those that lead sessions of their own), so that it can end all of it. Its standard input is the line on which the task's process says what to do;
//! where that breaks, nobody minds the script any more, and all of it is ended.

use crate::process;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{
        Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getpid, pidfd_open,
        set_child_subreaper, setrlimit, setsid, wait,
    },
    time::Timespec,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::{
        fd::AsFd as _,
        unix::{fs::MetadataExt as _, process::CommandExt as _},
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Between two looks at what the script has started.
const LOOK_MS: i64 = 50;
/// Longest until all of it must be gone.
const END_LIMIT: Duration = Duration::from_secs(10);
/// Between two sweeps while it is ended.
const SWEEP: Duration = Duration::from_millis(5);
/// Largest file that a script writes.
const FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Files that one of its processes has open.
const OPEN_FILES: u64 = 1_024;
/// Longest order.
const ORDER_BYTES: usize = 1024 * 1024;
/// Told to end: in order, by force after the grace.
pub const TERM: &[u8] = b"t";
/// Told to end at once.
pub const KILL: &[u8] = b"k";

/// What to start; the first line of its standard input, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The program.
    pub program: PathBuf,
    /// Where it works.
    pub folder: PathBuf,
    /// All of its environment.
    pub environment: BTreeMap<String, String>,
    /// The file that is its standard input.
    pub input: PathBuf,
    /// Memory of each of its processes, in bytes.
    pub memory_bytes: u64,
    /// Most processes of it.
    pub processes: u32,
    /// Told to end, it has so long.
    pub grace_ms: u64,
    /// Where its end is written.
    pub status: PathBuf,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// With this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// It had too many processes.
    Processes,
    /// It could not be started.
    NotStarted(String),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How it ended.
    pub end: End,
    /// It was told to end, and was ended by force.
    pub by_force: bool,
    /// Processes that it had left, which were ended.
    pub left: u32,
}

/// Reads the order, starts the script and minds it to its end.
///
/// # Errors
/// The order can not be read, or the system refuses what it needs.
pub fn watch() -> io::Result<()> {
    // It leads a session of its own: what ends its parent's does not end it before it has ended the script.
    let _ = setsid();
    set_child_subreaper(Some(getpid()))?;
    let order = order()?;
    let mut watch = match start(&order) {
        Ok(child) => Watch { order: &order, child, told: None, by_force: false },
        Err(error) => {
            let end = End::NotStarted(error.to_string());
            return write(&order.status, &Status { end, by_force: false, left: 0 });
        }
    };
    let end = watch.until_its_end()?;
    let left = end_all();
    match end {
        Some(end) => write(&order.status, &Status { end, by_force: watch.by_force, left }),
        // Nobody reads it.
        None => Ok(()),
    }
}

fn order() -> io::Result<Order> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    // Byte by byte: what comes behind the line is not its.
    while line.len() < ORDER_BYTES && rustix::io::read(io::stdin(), &mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    Ok(serde_json::from_slice(&line)?)
}

fn start(order: &Order) -> io::Result<Pid> {
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Fsize, limit(FILE_BYTES))?;
    setrlimit(Resource::Nofile, limit(OPEN_FILES))?;
    setrlimit(Resource::Data, limit(order.memory_bytes))?;
    // Counted by account and not for root: there the looks alone bound it.
    let _ = setrlimit(Resource::Nproc, limit(of_this_account() + u64::from(order.processes)));
    let child = Command::new(&order.program)
        .env_clear()
        .envs(&order.environment)
        .current_dir(&order.folder)
        .stdin(Stdio::from(File::open(&order.input)?))
        .process_group(0)
        .spawn()?;
    let child = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    child.ok_or_else(|| io::Error::other("a process without a number"))
}

struct Watch<'a> {
    order: &'a Order,
    child: Pid,
    /// Since when it is told to end.
    told: Option<Instant>,
    by_force: bool,
}

impl Watch<'_> {
    /// `None`: the task's process is gone.
    fn until_its_end(&mut self) -> io::Result<Option<End>> {
        let descriptor = pidfd_open(self.child, PidfdFlags::empty())?;
        let mut is_loud = true;
        loop {
            if let Some(end) = self.reap()? {
                return Ok(Some(end));
            }
            let stdin = io::stdin();
            let mut watched = vec![PollFd::new(&descriptor, PollFlags::IN)];
            if is_loud {
                watched.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
            }
            let wait = Timespec { tv_sec: 0, tv_nsec: LOOK_MS * 1_000_000 };
            match poll(&mut watched, Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let told = watched.get(1).is_some_and(|stdin| !stdin.revents().is_empty());
            drop(watched);
            if told {
                match self.hears()? {
                    Heard::Nothing => {}
                    Heard::Kill => {
                        is_loud = false;
                        self.force();
                    }
                    Heard::Gone => return Ok(None),
                }
            }
            if self.told.is_some_and(|since| since.elapsed() >= Duration::from_millis(self.order.grace_ms)) {
                self.force();
            }
            if descendants().len() > self.order.processes as usize {
                end_all();
                return Ok(Some(End::Processes));
            }
        }
    }

    fn hears(&mut self) -> io::Result<Heard> {
        let mut word = [0; 1];
        // Without a buffer: what waits in one would not be seen by the next look.
        Ok(match rustix::io::read(io::stdin(), &mut word)? {
            0 => Heard::Gone,
            _ if word == KILL => Heard::Kill,
            _ if word == TERM && self.told.is_none() => {
                self.told = Some(Instant::now());
                // All of it, and what has left its group.
                let _ = rustix::process::kill_process_group(self.child, Signal::TERM);
                for (pid, start) in descendants() {
                    let _ = process::signal(pid, start, Signal::TERM);
                }
                Heard::Nothing
            }
            _ => Heard::Nothing,
        })
    }

    fn force(&mut self) {
        self.by_force = true;
        let own = self.child.as_raw_nonzero().get().cast_unsigned();
        if let Some(start) = process::start_of(own) {
            let _ = process::signal(own, start, Signal::KILL);
        }
    }

    /// Waits for all that ended; gives how the script itself did.
    fn reap(&mut self) -> io::Result<Option<End>> {
        let mut end = None;
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.child => end = Some(how(status)),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) | Err(rustix::io::Errno::CHILD) => return Ok(end),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

enum Heard {
    Nothing,
    Kill,
    Gone,
}

fn how(status: WaitStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exit(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => End::Exit(-1),
    }
}

/// Ends everything below this process; gives how many there were. What is started meanwhile is ended with it.
fn end_all() -> u32 {
    let (since, mut seen) = (Instant::now(), std::collections::BTreeSet::new());
    loop {
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let all = descendants();
        if all.is_empty() || since.elapsed() > END_LIMIT {
            return u32::try_from(seen.len()).unwrap_or(u32::MAX);
        }
        // Stopped first, so that none starts others while these are ended.
        for signal in [Signal::STOP, Signal::KILL] {
            for (pid, start) in &all {
                let _ = process::signal(*pid, *start, signal);
            }
        }
        seen.extend(all);
        std::thread::sleep(SWEEP);
    }
}

/// Every living process below this one: number and start time.
fn descendants() -> Vec<(u32, u64)> {
    let own = std::process::id();
    let mut children: BTreeMap<u32, Vec<(u32, u64, char)>> = BTreeMap::new();
    for pid in processes() {
        if let Some(stat) = process::stat(pid) {
            children.entry(stat.parent).or_default().push((pid, stat.start, stat.state));
        }
    }
    let (mut found, mut next) = (Vec::new(), vec![own]);
    while let Some(parent) = next.pop() {
        for (pid, start, state) in children.remove(&parent).unwrap_or_default() {
            next.push(pid);
            if !matches!(state, 'Z' | 'X' | 'x') {
                found.push((pid, start));
            }
        }
    }
    found
}

fn processes() -> impl Iterator<Item = u32> {
    let listed = fs::read_dir("/proc").into_iter().flatten().flatten();
    listed.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn of_this_account() -> u64 {
    let own = rustix::process::getuid().as_raw();
    let is_own = |pid: &u32| fs::metadata(format!("/proc/{pid}")).is_ok_and(|about| about.uid() == own);
    processes().filter(is_own).count() as u64
}

fn write(path: &Path, status: &Status) -> io::Result<()> {
    let fresh = path.with_extension("fresh");
    fs::write(&fresh, serde_json::to_vec(status)?)?;
    fs::rename(&fresh, path)
}

/// What it wrote, where it did.
#[must_use]
pub fn status(path: &Path) -> Option<Status> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Ends what a warden that vanished has left: all that is of its session, or leads one and was below it, as far as it can be told.
pub fn end_session(session: u32) {
    let since = Instant::now();
    loop {
        let left: Vec<(u32, u64)> = processes()
            .filter(|pid| session_of(*pid) == Some(session))
            .filter_map(|pid| Some((pid, process::start_of(pid)?)))
            .collect();
        if left.is_empty() || since.elapsed() > END_LIMIT {
            return;
        }
        for (pid, start) in left {
            let _ = process::signal(pid, start, Signal::KILL);
        }
        std::thread::sleep(SWEEP);
    }
}

/// Field 6 of `/proc/PID/stat`.
fn session_of(pid: u32) -> Option<u32> {
    let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let line = String::from_utf8_lossy(&line).into_owned();
    let (_, rest) = line.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(3)?.parse().ok()
}
