//! How a process reaches the store: through control's pipes while control answers, else with a connection of its own.

use crate::{
    relay::{Answer, Ask, Posed, ask},
    run::Notify,
};
use dbdesk_commands::{clock::Time, id::TaskId};
use dbdesk_store::{Connect, Error, Pool, run::Admission};
use std::{
    io::{self, ErrorKind},
    os::fd::AsFd,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::unix::pipe,
    sync::Mutex,
    time::timeout,
};

/// Control says that it has heard a question within this; a frozen one does not.
const HEARD_LIMIT: Duration = Duration::from_secs(3);
/// Its answer may take so long, and the store's: some twenty round trips of two seconds. Control gives a question up after the same.
pub const ANSWER_LIMIT: Duration = Duration::from_mins(1);
/// What control says when it has heard a question.
pub(crate) const HEARD: &str = "heard";

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

    /// Says that this process is ready, and waits for the number of its task and the time of the store, in milliseconds. `None`: it
    /// is not needed.
    pub async fn number(&mut self, greeting: &str) -> io::Result<Option<(TaskId, Time)>> {
        self.output.write_all(format!("{greeting}\n").as_bytes()).await?;
        let Some(line) = self.line().await? else { return Ok(None) };
        let words = line.trim().split_once(' ');
        let told = words.and_then(|(number, ms)| {
            Some((TaskId(number.parse().ok()?), Time::from_timestamp_millis(ms.parse().ok()?)?))
        });
        told.map(Some).ok_or_else(|| {
            io::Error::new(
                ErrorKind::InvalidData,
                format!("“{}” is no number of a task with a time", line.trim()),
            )
        })
    }

    async fn ask(&mut self, ask: Ask) -> io::Result<Answer> {
        let mut posed = serde_json::to_vec(&Posed::new(ask, HEARD_LIMIT))?;
        posed.push(b'\n');
        let heard = async {
            self.output.write_all(&posed).await?;
            self.line().await?.ok_or_else(|| io::Error::from(ErrorKind::BrokenPipe))
        };
        let heard = timeout(HEARD_LIMIT, heard).await.unwrap_or(Err(ErrorKind::WouldBlock.into()))?;
        if heard.trim_end() != HEARD {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!("control says “{}”", heard.trim_end()),
            ));
        }
        let line = timeout(ANSWER_LIMIT, self.line()).await??.ok_or(ErrorKind::BrokenPipe)?;
        Ok(serde_json::from_str(&line)?)
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
    store: Connect,
    pool: Pool,
    admission: Admission,
    notify: Notify,
}

impl Pen {
    /// Through `pipes` while there are any, else with connections to `store`; then `notify` hears of each ticket that changed.
    #[must_use]
    pub fn new(pipes: Option<Pipes>, store: Connect, admission: Admission, notify: Notify) -> Self {
        let pool = dbdesk_store::pool(&store);
        Self { pipes: Mutex::new(pipes), store, pool, admission, notify }
    }

    /// The way without control.
    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Nothing came through for long: a connection through which nothing comes any more keeps its place in the pool until the kernel
    /// gives it up.
    pub(crate) fn connect_anew(&mut self) {
        self.pool = dbdesk_store::pool(&self.store);
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
                // Control is at it, and may still claim for us what we would claim beside it.
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
