//! gh-ost: follows the binary log instead of making triggers. Steered by files that are there or not.

use super::{Command, Heard, Job, Leavings, Tool, Word};
use std::{fs, io};

/// It.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GhOst {
    program: String,
}

impl Default for GhOst {
    fn default() -> Self {
        Self::at("gh-ost")
    }
}

impl GhOst {
    /// The one at this path, or of this name on the path.
    #[must_use]
    pub fn at(program: &str) -> Self {
        Self { program: program.to_owned() }
    }
}

const WAIT: &str = "wait";
const HOLD: &str = "hold";
const STOP: &str = "stop";

impl Tool for GhOst {
    fn program(&self) -> &str {
        &self.program
    }

    fn prepare(&self, job: &Job) -> io::Result<Command> {
        let at = |name: &str| job.folder.join(name).display().to_string();
        let arguments = [
            "--execute".to_owned(),
            "--verbose".to_owned(),
            format!("--conf={}", job.account_file().display()),
            format!("--host={}", job.host),
            format!("--port={}", job.port),
            format!("--database={}", job.database),
            format!("--table={}", job.table),
            format!("--alter={}", job.alter),
            format!("--force-table-names={}", job.copy),
            "--allow-on-master".to_owned(),
            "--initially-drop-ghost-table".to_owned(),
            "--initially-drop-socket-file".to_owned(),
            format!("--serve-socket-file={}", at("socket")),
            format!("--throttle-flag-file={}", at(WAIT)),
            format!("--postpone-cut-over-flag-file={}", at(HOLD)),
            format!("--panic-flag-file={}", at(STOP)),
            format!("--cut-over-lock-timeout-seconds={}", job.lock_wait_s.clamp(1, 10)),
            "--default-retries=60".to_owned(),
        ];
        Ok(Command { program: self.program.clone(), arguments: arguments.into(), environment: Vec::new() })
    }

    fn tell(&self, job: &Job, word: Word) -> io::Result<()> {
        let is = |name: &str, there: bool| {
            let file = job.folder.join(name);
            if there {
                return fs::write(file, "");
            }
            fs::remove_file(file).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
        };
        is(HOLD, word != Word::Go)?;
        is(WAIT, word == Word::Wait)?;
        if word == Word::Stop { is(STOP, true) } else { Ok(()) }
    }

    fn hear(&self, job: &Job, line: &str) -> Heard {
        let line = line.trim_end();
        if let Some(rest) = line.strip_prefix("Copy: ") {
            return copied(rest).unwrap_or_else(|| Heard::Line(line.to_owned()));
        }
        if line.contains("Done migrating ") {
            return Heard::Swapped { old: format!("_{}_del", job.copy) };
        }
        if line.contains("Row copy complete") {
            return Heard::AllCopied;
        }
        if line.contains("Issuing and expecting this to block: rename") || line.contains("Locking ") {
            return Heard::Swaps;
        }
        Heard::Line(line.to_owned())
    }

    fn leavings(&self, job: &Job) -> Leavings {
        let of = |end: &str| format!("_{}_{end}", job.copy);
        Leavings { triggers: Vec::new(), tables: ["gho", "ghc"].map(of).into() }
    }
}

/// `1000/10000 10.0%; Applied: 0; …; State: migrating; ETA: 1m27s`
fn copied(rest: &str) -> Option<Heard> {
    let (whole, tenth) = rest.split(['%', ' ']).nth(1)?.split_once('.')?;
    let (whole, tenth): (u16, u16) = (whole.parse().ok()?, tenth.get(..1)?.parse().ok()?);
    let left_ms = rest.rsplit_once("ETA: ").and_then(|(_, eta)| span(eta));
    Some(Heard::Copied { permille: (whole.min(100) * 10 + tenth).min(1_000), left_ms })
}

/// `1h2m3s`
fn span(text: &str) -> Option<u64> {
    let (mut seconds, mut number) = (0u64, String::new());
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let each = match letter {
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        seconds = seconds.saturating_add(number.parse::<u64>().ok()?.saturating_mul(each));
        number.clear();
    }
    Some(seconds.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_is_understood() {
        let job = Job { copy: "c".into(), ..Job::default() };
        let done = "2026-11-27 09:00:00 INFO Done migrating `shop`.`big`";
        assert_eq!(GhOst::default().hear(&job, done), Heard::Swapped { old: "_c_del".into() });
        let line = "Copy: 1000/10000 10.0%; Applied: 0; Backlog: 0/1000; Time: 3s(total), 3s(copy); State: migrating; ETA: 1m27s";
        assert_eq!(GhOst::default().hear(&job, line), Heard::Copied { permille: 100, left_ms: Some(87_000) });
        let due = "Copy: 10/10 100.0%; Applied: 0; Backlog: 0/1000; Time: 3s(total), 3s(copy); State: migrating; ETA: due";
        assert_eq!(GhOst::default().hear(&job, due), Heard::Copied { permille: 1_000, left_ms: None });
    }
}
