//! How a process reaches the store: through control's pipes while control answers, else with a connection of its own.

use crate::{
    relay::{Answer, Ask, Posed, ask},
    run::Notify,
};
use dbdesk_commands::id::TaskId;
use dbdesk_store::{Error, Pool, run::Admission};
use std::{
    io::{self, ErrorKind},
    os::fd::AsFd,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    sync::Mutex,
};

/// Control may take so long for an answer; a frozen one gives none.
const LIMIT: Duration = Duration::from_secs(5);

/// The pipes to control: standard input and output of a process that it started ahead.
#[derive(Debug)]
pub struct Pipes {
    input: BufReader<pipe::Receiver>,
    output: pipe::Sender,
}

impl Pipes {
    /// Those of this process. Nothing else may read or write there.
    pub fn standard() -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let output = io::stdout().as_fd().try_clone_to_owned()?;
        Ok(Self {
            input: BufReader::new(pipe::Receiver::from_owned_fd(input)?),
            output: pipe::Sender::from_owned_fd(output)?,
        })
    }

    /// Says that this process is ready, and waits for the number of its task. `None`: it is not needed.
    pub async fn number(&mut self, greeting: &str) -> io::Result<Option<TaskId>> {
        self.output.write_all(format!("{greeting}\n").as_bytes()).await?;
        let Some(line) = self.line().await? else { return Ok(None) };
        let number = line.trim().parse().map_err(|_| {
            io::Error::new(ErrorKind::InvalidData, format!("“{}” is no number of a task", line.trim()))
        })?;
        Ok(Some(TaskId(number)))
    }

    async fn ask(&mut self, ask: Ask) -> io::Result<Answer> {
        let mut posed = serde_json::to_vec(&Posed::new(ask, LIMIT))?;
        posed.push(b'\n');
        let answered = async {
            self.output.write_all(&posed).await?;
            let line = self.line().await?.ok_or(ErrorKind::BrokenPipe)?;
            Ok(serde_json::from_str(&line)?)
        };
        tokio::time::timeout(LIMIT, answered).await?
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        Ok((self.input.read_line(&mut line).await? > 0).then_some(line))
    }
}

/// How one process reaches the store.
pub struct Pen {
    /// Gone for good with the first answer that did not come: what comes late must not be taken for the next one's.
    pipes: Mutex<Option<Pipes>>,
    pool: Pool,
    admission: Admission,
    notify: Notify,
}

impl Pen {
    /// Through `pipes` while there are any, else through `pool`; then `notify` hears of each ticket that changed.
    #[must_use]
    pub fn new(pipes: Option<Pipes>, pool: Pool, admission: Admission, notify: Notify) -> Self {
        Self { pipes: Mutex::new(pipes), pool, admission, notify }
    }

    /// The way without control.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Asks. Dropped before it is answered, it is as if control were gone.
    pub(crate) async fn ask(&self, question: Ask) -> Result<Answer, Error> {
        // It is put back with the answer, and not where this is dropped.
        let pipes = self.pipes.lock().await.take();
        if let Some(mut pipes) = pipes {
            match pipes.ask(question.clone()).await {
                Ok(answer) => {
                    *self.pipes.lock().await = Some(pipes);
                    return settled(answer);
                }
                // It may still be claimed for us, and nobody would know that we have it.
                Err(error)
                    if matches!(question, Ask::Claim { .. }) && error.kind() == ErrorKind::TimedOut =>
                {
                    return Err(Error::Retry(sqlx::Error::Io(error)));
                }
                Err(error) => {
                    tracing::info!(%error, "control does not answer; the store is asked without it");
                }
            }
        }
        let answer = ask(&self.pool, &self.admission, question, &*self.notify).await;
        settled(answer)
    }
}

fn settled(answer: Answer) -> Result<Answer, Error> {
    match answer {
        Answer::Retry(error) => Err(Error::Retry(sqlx::Error::Protocol(error))),
        Answer::Fault(fault) => Err(Error::Fault(fault.into())),
        answer => Ok(answer),
    }
}
