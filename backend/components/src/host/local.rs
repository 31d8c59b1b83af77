//! This machine, or a network namespace of it.

use super::{Command, Done, Host, HostError, LOCALE, PATH, error::NO_PROGRAM};
use dbdesk_commands::lang::Said;
use futures_util::future::BoxFuture;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{io, os::unix::process::ExitStatusExt as _, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command as Process},
    time::timeout,
};

/// What a program left behind may hold its output open; it is not waited for longer.
const DRAIN_LIMIT: Duration = Duration::from_millis(500);
const PIECE_BYTES: usize = 16 << 10;

/// Programs run here, with an environment of `PATH` and `LC_ALL` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    name: String,
    before: Vec<String>,
}

impl Local {
    /// This machine, by the name it has in the inventory.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), before: Vec::new() }
    }

    /// A network namespace of this machine; host and namespace have one name.
    #[must_use]
    pub fn in_namespace(name: &str) -> Self {
        let before = ["ip", "netns", "exec", name, "env", "--"].map(String::from).into();
        Self { name: name.to_owned(), before }
    }
}

impl Host for Local {
    fn name(&self) -> &str {
        &self.name
    }

    fn run<'a>(&'a self, command: &'a Command) -> BoxFuture<'a, Result<Done, HostError>> {
        Box::pin(async move {
            command.checked()?;
            let words = self.words(command);
            run(&words.iter().map(String::as_str).collect::<Vec<_>>(), command).await
        })
    }

    fn words(&self, command: &Command) -> Vec<String> {
        self.before.iter().chain(&command.words).cloned().collect()
    }
}

/// Runs these words within the bounds of a command.
pub(super) async fn run(words: &[&str], command: &Command) -> Result<Done, HostError> {
    let (program, arguments) = words
        .split_first()
        .ok_or(HostError::Words(Said::fixed("there is no program", "没有要运行的程序")))?;
    let mut process = process(program, arguments);
    process.stdin(Stdio::piped());
    let child = match process.spawn() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(no_program(program)),
        other => other.map_err(|error| HostError::Unreachable(error.to_string()))?,
    };
    let mut group = Group(child);
    let done = timeout(command.limit, group.ended(command)).await;
    done.unwrap_or(Err(HostError::Time(command.limit)))
}

/// A process that is not started yet, in a group of its own.
pub(super) fn process<W: AsRef<std::ffi::OsStr>>(program: &str, arguments: &[W]) -> Process {
    let mut process = Process::new(program);
    process
        .args(arguments)
        .env_clear()
        .envs([("PATH", PATH), ("LC_ALL", LOCALE)])
        .current_dir("/")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    process
}

fn no_program(program: &str) -> Done {
    let stderr = format!("{program}: no such program").into_bytes();
    Done { code: NO_PROGRAM, stdout: Vec::new(), stderr, cut: false }
}

/// A program with all it started that did not leave its process group. They end with this value.
pub(super) struct Group(pub(super) Child);

impl Group {
    pub(super) async fn ended(&mut self, command: &Command) -> Result<Done, HostError> {
        let fault = |error: io::Error| HostError::Nonsense(error.to_string());
        let child = &mut self.0;
        let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (mut stdout, mut stderr) =
            (Kept::new(command.most_output_bytes), Kept::new(command.most_output_bytes));
        let feed = async {
            if let Some(mut stdin) = stdin {
                // Who does not read to the end says so by his exit code.
                let _ = stdin.write_all(&command.stdin).await;
            }
        };
        let mut talk = Box::pin(async { tokio::join!(feed, stdout.read(out), stderr.read(err)) });
        let mut said_all = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status.map_err(fault)?,
                _ = &mut talk, if !said_all => said_all = true,
            }
        };
        if !said_all {
            let _ = timeout(DRAIN_LIMIT, &mut talk).await;
        }
        drop(talk);
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        Ok(Done {
            code: code.ok_or_else(|| HostError::Nonsense("it has no exit code".to_owned()))?,
            cut: stdout.cut || stderr.cut,
            stdout: stdout.bytes,
            stderr: stderr.bytes,
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // While it was not waited for, its number is nobody else's.
        let pid = self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// The first of what is said; the rest is read and let go, so that nobody waits for us.
struct Kept {
    bytes: Vec<u8>,
    most: usize,
    cut: bool,
}

impl Kept {
    fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most, cut: false }
    }

    async fn read(&mut self, from: Option<impl AsyncRead + Unpin>) {
        let Some(mut from) = from else { return };
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(size @ 1..) = from.read(&mut piece).await {
            let room = (self.most - self.bytes.len()).min(size);
            self.bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
            self.cut |= room < size;
        }
    }
}
