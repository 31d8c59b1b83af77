//! The folder in which a script runs, and its processes: a warden, and below it all that the script starts.

use super::Scripting;
use crate::{
    run::Account,
    scripts::Script,
    warden::{self, Order, Status},
};
use dbdesk_cmdb::Instance;
use dbdesk_commands::id::TicketId;
use dbdesk_script::{Run, bounds};
use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
};

/// Where a script looks for programs.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Read at a time.
const PART: usize = 16 * 1024;

/// A run that is about to start.
pub(super) struct Job<'a> {
    /// Everything of it is in here, for nobody else to read, and goes with it.
    pub(super) folder: PathBuf,
    pub(super) run: &'a Run,
    pub(super) script: &'a Script,
    pub(super) primary: &'a Instance,
    pub(super) account: Option<Account>,
    pub(super) ticket: TicketId,
}

impl Job<'_> {
    /// Where the script works.
    pub(super) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Writes what it needs and starts it below a warden.
    pub(super) async fn start(&self, scripting: &Scripting) -> io::Result<(Minded, Voice)> {
        self.clear();
        let (files, work, tmp) = (self.folder.join("script"), self.work(), self.folder.join("tmp"));
        for folder in [&self.folder, &files, &work, &tmp] {
            made(folder)?;
        }
        for file in &self.script.files {
            let place = files.join(&file.path);
            if let Some(above) = place.parent() {
                made(above)?;
            }
            put(&place, &file.bytes, if file.is_executable { 0o700 } else { 0o600 })?;
        }
        put(&self.folder.join("input.json"), &serde_json::to_vec(&self.run.parameters)?, 0o600)?;
        let secrets = self.folder.join("secrets.cnf");
        put(&secrets, self.secrets().as_bytes(), 0o600)?;
        let status = self.folder.join("status.json");
        let order = Order {
            program: files.join(&self.run.run),
            environment: self.environment(&work, &tmp, &secrets),
            folder: work,
            input: self.folder.join("input.json"),
            memory_bytes: u64::from(self.run.memory_mb) * 1024 * 1024,
            processes: bounds::PROCESSES,
            grace_ms: scripting.grace_ms,
            status: status.clone(),
        };
        let mut order = serde_json::to_vec(&order)?;
        order.push(b'\n');
        minded(&scripting.warden, order, status).await
    }

    fn environment(&self, work: &Path, tmp: &Path, secrets: &Path) -> BTreeMap<String, String> {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        [
            ("PATH", PATH.to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("HOME", path(work)),
            ("TMPDIR", path(tmp)),
            ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
            ("PYTHONUNBUFFERED", "1".to_owned()),
            ("DBDESK_TICKET", self.ticket.to_string()),
            ("DBDESK_GROUP", self.run.group.clone()),
            ("DBDESK_ENVIRONMENT", self.run.environment.clone()),
            ("DBDESK_SECRETS", path(secrets)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// An options file of the servers' own clients; empty where it gets no account.
    fn secrets(&self) -> String {
        let Some(account) = &self.account else { return String::new() };
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        format!(
            "[client]\nhost={}\nport={}\nprotocol=tcp\nuser={}\npassword={}\n",
            quoted(&self.primary.host),
            self.primary.port,
            quoted(&account.user),
            quoted(&account.password)
        )
    }

    /// Removes all of it.
    pub(super) fn clear(&self) {
        match fs::remove_dir_all(&self.folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(folder = %self.folder.display(), %error, "what a script left can not be removed");
            }
        }
    }
}

fn made(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(bytes)
}

/// What it wrote.
pub(super) enum Saying {
    /// To its standard output.
    Out(Vec<u8>),
    /// To its standard error.
    Err(Vec<u8>),
}

/// A script that runs: its warden. Where the line to it breaks, the warden ends all of it.
pub(super) struct Minded {
    warden: Child,
    pid: Option<u32>,
    line: ChildStdin,
    status: PathBuf,
}

/// What a script that runs says.
pub(super) struct Voice {
    out: Option<ChildStdout>,
    err: Option<ChildStderr>,
    parts: [Vec<u8>; 2],
}

async fn minded(program: &Path, order: Vec<u8>, status: PathBuf) -> io::Result<(Minded, Voice)> {
    let mut warden = Command::new(program)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", program.display())))?;
    let mut line = warden.stdin.take().ok_or_else(|| io::Error::other("a warden without a line"))?;
    let voice =
        Voice { out: warden.stdout.take(), err: warden.stderr.take(), parts: [vec![0; PART], vec![0; PART]] };
    let pid = warden.id();
    line.write_all(&order).await?;
    Ok((Minded { warden, pid, line, status }, voice))
}

impl Minded {
    /// Waits until the warden has ended, and with it all of the script. May be given up and begun again.
    pub(super) async fn ended(&mut self) {
        let _ = self.warden.wait().await;
    }

    /// What became of it; `None`: its warden vanished, and all of it that can be found was ended here.
    pub(super) async fn status(self) -> Option<Status> {
        let status = warden::status(&self.status);
        if status.is_none()
            && let Some(session) = self.pid
        {
            let _ = tokio::task::spawn_blocking(move || warden::end_session(session)).await;
        }
        status
    }

    /// Tells the warden.
    pub(super) async fn tell(&mut self, word: &[u8]) {
        if let Err(error) = self.line.write_all(word).await {
            tracing::debug!(%error, "a warden hears nothing any more");
        }
    }
}

impl Voice {
    /// Waits until it says something more; for ever where it can not any more. May be given up and begun again.
    pub(super) async fn says(&mut self) -> Saying {
        match self.said().await {
            Some(said) => said,
            None => std::future::pending().await,
        }
    }

    /// The same; `None` where it can not any more.
    pub(super) async fn said(&mut self) -> Option<Saying> {
        let [from_out, from_err] = &mut self.parts;
        loop {
            if self.out.is_none() && self.err.is_none() {
                return None;
            }
            tokio::select! {
                read = read(self.out.as_mut(), from_out), if self.out.is_some() => match read {
                    0 => self.out = None,
                    n => return Some(Saying::Out(from_out[..n].to_vec())),
                },
                read = read(self.err.as_mut(), from_err), if self.err.is_some() => match read {
                    0 => self.err = None,
                    n => return Some(Saying::Err(from_err[..n].to_vec())),
                },
            }
        }
    }
}

/// 0: there comes no more.
async fn read(from: Option<&mut (impl tokio::io::AsyncRead + Unpin)>, to: &mut [u8]) -> usize {
    match from {
        Some(from) => from.read(to).await.unwrap_or(0),
        None => 0,
    }
}
