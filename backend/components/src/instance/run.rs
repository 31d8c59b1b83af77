//! A server runs, or does not.

use super::{
    InstanceError, Place,
    client::Client,
    made::{found, made},
    ports,
};
use crate::host::{
    Command,
    process::{self, Running},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Recovery after a crash reads the redo log, which may be long.
const START_LIMIT: Duration = Duration::from_mins(10);
const ASK_EVERY: Duration = Duration::from_millis(100);
const LOG_TAIL_LINES: &str = "40";
const MOST_ERRORS: usize = 3;
const MOST_ERROR_CHARS: usize = 300;

/// `process::start` holds this lock until the program has its record.
const SETTLED: &str = r#"[ ! -e "$1.lock" ] || exec flock -- "$1.lock" true"#;

const TERM: &str = r#"{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || exit 0
ticks=$(set -- ${stat##*) }; shift 19; echo "$1")
[ "$ticks" = "$2" ] || exit 0
kill -s TERM "$1""#;

/// Starts it, and waits until it takes connections. It is read-only then, whatever it was before.
///
/// # Errors
/// It is not made, its port is taken, or it ends: then with the last it said.
pub async fn start(place: &Place<'_>) -> Result<(), InstanceError> {
    let client = Client::of(place).await?;
    settled(place).await?;
    if running(place).await?.is_some() {
        ready(&client).await?;
        if client.value("SELECT @@skip_networking").await? == "0" {
            return listens(&client).await;
        }
        // A step that broke off left it running for itself.
        ended(place, START_LIMIT).await?;
    }
    ports::free(place).await?;
    launched(&client, &[]).await?;
    listens(&client).await
}

/// Its process, if it runs.
pub async fn running(place: &Place<'_>) -> Result<Option<Running>, InstanceError> {
    process::running(place.host, &place.record()).await.map_err(|error| place.failed(error))
}

/// Shuts it down in order; what does not run is stopped. It is never killed: after `grace` it is told that it still shuts down, and what is
/// asked for again waits on.
pub async fn stop(place: &Place<'_>, grace: Duration) -> Result<(), InstanceError> {
    place.checked()?;
    if found(place).await?.is_none() {
        return Ok(());
    }
    ended(place, grace).await
}

/// One that was about to be started when we broke off runs by now, or never will.
pub(super) async fn settled(place: &Place<'_>) -> Result<(), InstanceError> {
    place.succeeded(&Command::script(SETTLED, [place.record()])).await.map(drop)
}

pub(super) async fn ended(place: &Place<'_>, grace: Duration) -> Result<(), InstanceError> {
    settled(place).await?;
    let Some(process) = running(place).await? else { return Ok(()) };
    let arguments = [process.pid.to_string(), process.began_ticks.to_string()];
    place.succeeded(&Command::script(TERM, arguments)).await?;
    gone(place, grace).await
}

/// Waits until it has ended.
pub(super) async fn gone(place: &Place<'_>, limit: Duration) -> Result<(), InstanceError> {
    let end = Instant::now() + limit;
    while running(place).await?.is_some() {
        if Instant::now() >= end {
            return Err(InstanceError::Stopping(limit));
        }
        sleep(ASK_EVERY).await;
    }
    Ok(())
}

/// Starts it with these options besides its own, and waits until it answers.
pub(super) async fn launched(client: &Client<'_>, options: &[String]) -> Result<(), InstanceError> {
    let place = client.place;
    let words = [client.programs.server.clone(), format!("--defaults-file={}", place.config())];
    let words = words.into_iter().chain(options.iter().cloned());
    let started = process::start(place.host, (&place.record(), &place.at("output")), words).await;
    started.map_err(|error| place.failed(error))?;
    ready(client).await
}

/// Waits until it answers.
async fn ready(client: &Client<'_>) -> Result<(), InstanceError> {
    let place = client.place;
    let end = Instant::now() + START_LIMIT;
    loop {
        let answer = client.value("SELECT @@datadir").await;
        match answer {
            Ok(data) if data.trim_end_matches('/') == place.at("data") => return Ok(()),
            Ok(data) => return Err(InstanceError::NotTaken(format!("its data is in {data}"))),
            Err(InstanceError::NotRunning) => {}
            Err(error) => return Err(error),
        }
        if running(place).await?.is_none() {
            let said = last_errors(place).await?;
            return Err(InstanceError::DidNotStart(said));
        }
        if Instant::now() >= end {
            return Err(InstanceError::Starting(START_LIMIT));
        }
        sleep(ASK_EVERY).await;
    }
}

async fn listens(client: &Client<'_>) -> Result<(), InstanceError> {
    let port = client.value("SELECT @@port").await?;
    if port == client.place.port.to_string() {
        return Ok(());
    }
    Err(InstanceError::NotTaken(format!("it listens at port {port}")))
}

/// Whether it is made and does not run.
pub(super) async fn stopped(place: &Place<'_>) -> Result<(), InstanceError> {
    made(place).await?;
    ended_already(place).await
}

pub(super) async fn ended_already(place: &Place<'_>) -> Result<(), InstanceError> {
    if running(place).await?.is_some() { Err(InstanceError::Runs) } else { Ok(()) }
}

/// The end of what it told its log, errors before all else.
pub(super) async fn last_errors(place: &Place<'_>) -> Result<String, InstanceError> {
    let tail = Command::new(["tail", "-n", LOG_TAIL_LINES, "--", &place.log()]).most_output_bytes(64 << 10);
    let text = place.ran(&tail).await?.text();
    let mut lines: Vec<&str> = text.lines().filter(|line| line.contains("[ERROR]")).collect();
    if lines.is_empty() {
        lines = text.lines().collect();
    }
    let last = lines.iter().skip(lines.len().saturating_sub(MOST_ERRORS));
    let cut = last.map(|line| line.chars().take(MOST_ERROR_CHARS).collect::<String>());
    Ok(cut.collect::<Vec<_>>().join(" · "))
}
