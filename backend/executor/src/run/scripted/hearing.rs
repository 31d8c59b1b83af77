//! What a script says, within bounds: lines for its log, entries for its thread, how far it is, what it hands over, what came of it.

use super::job::Saying;
use crate::live::Live;
use dbdesk_commands::wire::{
    entry::Event,
    live::{Progress, ScriptCourse},
};
use dbdesk_script::{
    bounds::{ARTIFACT_BYTES, ARTIFACTS, Cutter, ENTRIES, ENTRY_CHARS, ENTRY_LINES, Meter},
    protocol::{self, Line, Outcome},
};
use dbdesk_store::script_artifact::Artifact;
use rustix::fs::OFlags;
use std::{
    collections::VecDeque,
    fs::OpenOptions,
    io::Read as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Lines of its log are told together within this.
const TOGETHER: Duration = Duration::from_secs(2);
/// In place of a password.
const HIDDEN: &str = "<secret>";

/// Hears one script.
pub(super) struct Hearing {
    /// Where its artifacts are.
    work: PathBuf,
    /// Never repeated.
    secret: Option<String>,
    out: Cutter,
    err: Cutter,
    meter: Meter,
    /// Lines that are to be told, and since when they wait.
    waiting: VecDeque<String>,
    since: Option<Duration>,
    /// Lines that are not told.
    left_out: u64,
    entries: u32,
    course: ScriptCourse,
    permille: Option<u16>,
    stage: String,
    artifacts: Vec<Artifact>,
    result: Option<Outcome>,
    last_error: Option<String>,
}

impl Hearing {
    pub(super) fn new(name: String, work: PathBuf, secret: Option<String>) -> Self {
        Self {
            work,
            // What is as short stands in many words.
            secret: secret.filter(|secret| secret.len() >= 4),
            out: Cutter::default(),
            err: Cutter::default(),
            meter: Meter::default(),
            waiting: VecDeque::new(),
            since: None,
            left_out: 0,
            entries: 0,
            course: ScriptCourse { name, ..ScriptCourse::default() },
            permille: None,
            stage: String::new(),
            artifacts: Vec::new(),
            result: None,
            last_error: None,
        }
    }

    /// It wrote this, so long after its start. `false`: it floods.
    pub(super) fn takes(&mut self, said: &Saying, after: Duration, live: &Live) -> bool {
        let (bytes, is_error) = match said {
            Saying::Out(bytes) => (bytes, false),
            Saying::Err(bytes) => (bytes, true),
        };
        if !self.meter.takes(bytes.len()) {
            return false;
        }
        let mut lines = Vec::new();
        let cutter = if is_error { &mut self.err } else { &mut self.out };
        cutter.push(bytes, |line| lines.push(line));
        for line in lines {
            self.line(&line, is_error, after, live);
        }
        true
    }

    /// Nothing more comes.
    pub(super) fn ends(&mut self, live: &Live) {
        for (rest, is_error) in [(self.out.rest(), false), (self.err.rest(), true)] {
            if let Some(line) = rest {
                self.line(&line, is_error, Duration::MAX, live);
            }
        }
        match self.meter.left_out() {
            0 => {}
            n => live.line(&too_fast(n)),
        }
    }

    fn line(&mut self, text: &str, is_error: bool, after: Duration, live: &Live) {
        let text = self.hidden(text);
        let read = if is_error { Line::Plain(text) } else { protocol::read(&text) };
        // What comes of it is never lost to what it says besides.
        let always = matches!(read, Line::Result(_) | Line::Artifact(_));
        let at_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        match self.meter.line(at_ms, always) {
            Some(0) => {}
            Some(n) => live.line(&too_fast(n)),
            None => {
                self.left_out += u64::from(matches!(read, Line::Log(_)));
                return;
            }
        }
        match read {
            Line::Plain(text) if is_error => {
                live.line(&format!("stderr: {text}"));
                if !text.trim().is_empty() {
                    self.last_error = Some(text.trim().chars().take(300).collect());
                }
            }
            Line::Plain(text) => live.line(&text),
            Line::Wrong(why, text) => live.line(&format!("(no line of the protocol: {why}) {text}")),
            Line::Log(text) => {
                live.line(&text);
                self.tells(text, after);
            }
            Line::Progress(progress) => {
                self.permille = progress.permille();
                self.stage = progress.text.unwrap_or_default();
                self.course.done = Some(progress.done);
                (self.course.total, self.course.unit) = (progress.total, progress.unit);
            }
            Line::Result(outcome) => {
                live.line(&format!("result: {}", outcome.summary));
                self.result = Some(outcome);
            }
            Line::Artifact(artifact) => match self.artifact(&artifact) {
                Ok(bytes) => live.line(&format!("artifact: {} ({bytes} bytes)", artifact.name)),
                Err(why) => {
                    let text = format!("The file {} is not handed over: {why}", artifact.name);
                    live.line(&text);
                    self.tells(text, after);
                }
            },
        }
    }

    fn hidden(&self, text: &str) -> String {
        match &self.secret {
            Some(secret) => text.replace(secret.as_str(), HIDDEN),
            None => text.to_owned(),
        }
    }

    fn tells(&mut self, text: String, after: Duration) {
        if self.entries >= ENTRIES && self.waiting.len() >= ENTRY_LINES {
            self.waiting.pop_front();
            self.left_out += 1;
        }
        self.since.get_or_insert(after);
        self.waiting.push_back(text);
    }

    /// An entry that is due; while there are fewer than may be.
    pub(super) fn entry(&mut self, after: Duration) -> Option<Event> {
        let since = self.since?;
        let is_due = self.waiting.len() >= ENTRY_LINES || after.saturating_sub(since) >= TOGETHER;
        if !is_due || self.entries >= ENTRIES {
            return None;
        }
        self.entries += 1;
        Some(self.taken())
    }

    /// It could not be told; it is counted with the next.
    pub(super) fn not_told(&mut self, event: &Event) {
        if let Event::ScriptSaid { lines, left_out } = event {
            self.left_out += left_out + lines.len() as u64;
        }
    }

    /// What is left to be told at the end.
    pub(super) fn last_entry(&mut self) -> Option<Event> {
        (!self.waiting.is_empty() || self.left_out > 0).then(|| {
            while self.waiting.len() > ENTRY_LINES {
                self.waiting.pop_front();
                self.left_out += 1;
            }
            self.taken()
        })
    }

    /// The next lines, as many as one entry holds.
    fn taken(&mut self) -> Event {
        let (mut lines, mut chars) = (Vec::new(), 0);
        while let Some(line) = self.waiting.pop_front() {
            let line: String = line.chars().take(ENTRY_CHARS).collect();
            chars += line.chars().count();
            if !lines.is_empty() && (chars > ENTRY_CHARS || lines.len() >= ENTRY_LINES) {
                self.waiting.push_front(line);
                break;
            }
            lines.push(line);
        }
        if self.waiting.is_empty() {
            self.since = None;
        }
        Event::ScriptSaid { lines, left_out: std::mem::take(&mut self.left_out) }
    }

    /// Reads a file at the moment when it is handed over: what becomes of it later does not count.
    fn artifact(&mut self, made: &protocol::Artifact) -> Result<usize, String> {
        if self.artifacts.len() >= ARTIFACTS {
            return Err(format!("{ARTIFACTS} files are the most"));
        }
        if self.artifacts.iter().any(|known| known.name == made.name) {
            return Err("another one has this name".to_owned());
        }
        let room =
            ARTIFACT_BYTES - self.artifacts.iter().map(|known| known.content.len() as u64).sum::<u64>();
        let content = within(&self.work, &made.path, room)?;
        if content.len() as u64 > room {
            return Err(format!("all together have more than {} MB", ARTIFACT_BYTES / 1_024 / 1_024));
        }
        if !made.media.fits(&content) {
            return Err(format!("it is not {}", made.media.name()));
        }
        if self.secret.as_ref().is_some_and(|secret| has(&content, secret.as_bytes())) {
            return Err("it holds the password of the account".to_owned());
        }
        let bytes = content.len();
        self.artifacts.push(Artifact {
            seq: u8::try_from(self.artifacts.len() + 1).unwrap_or(u8::MAX),
            name: made.name.clone(),
            media_type: made.media.name().to_owned(),
            content,
        });
        Ok(bytes)
    }

    pub(super) fn artifacts(&mut self) -> Vec<Artifact> {
        std::mem::take(&mut self.artifacts)
    }

    pub(super) fn result(&mut self) -> Option<Event> {
        let Outcome { summary, data } = self.result.take()?;
        Some(Event::ScriptResult { summary, data })
    }

    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    pub(super) fn progress(&self, total: u32, after: Duration) -> Progress {
        Progress {
            index: 0,
            total,
            elapsed_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
            stage: self.stage.clone(),
            permille: self.permille,
            rows: None,
            blocker: None,
            online: None,
            script: Some(Box::new(self.course.clone())),
        }
    }
}

fn too_fast(lines: u64) -> String {
    format!("({lines} lines came too fast and are left out)")
}

/// A plain file below a folder, no link on the way to it; one byte more than there is room for tells that it is too large.
fn within(folder: &Path, path: &str, room: u64) -> Result<Vec<u8>, String> {
    let unread = |error: std::io::Error| format!("it can not be read: {error}");
    let place = folder.join(path);
    let real = place.canonicalize().map_err(unread)?;
    let folder = folder.canonicalize().map_err(unread)?;
    if !real.starts_with(&folder) {
        return Err("it lies outside of the folder in which the script works".to_owned());
    }
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(real).map_err(unread)?;
    if !file.metadata().map_err(unread)?.is_file() {
        return Err("it is no plain file".to_owned());
    }
    let mut content = Vec::new();
    file.take(room + 1).read_to_end(&mut content).map_err(unread)?;
    Ok(content)
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
