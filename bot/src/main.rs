//! `dbdesk-bot --config FILE`: dbdesk's Discord bot.

use anyhow::Context as _;
use clap::Parser;
use dbdesk_bot::{bot, check, config, points};
use dbdesk_commands::clock::Clock;
use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// dbdesk's Discord bot. Without a file the configuration comes from the environment (`DBDESK_BOT__…`) alone.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// The configuration file; bot/config.example.toml describes every key.
    #[arg(long, env = "DBDESK_BOT_CONFIG")]
    config: Option<PathBuf>,
    /// Only looks whether Discord and the desk answer, prints what it found (a JSON object a line), and ends.
    /// `dbdesk doctor` calls this.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match start(&Args::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dbdesk-bot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Args) -> anyhow::Result<ExitCode> {
    let config = config::Config::load(args.config.as_deref())?;
    log(&config.log)?;
    let points = points::points(&environment())?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    #[expect(clippy::disallowed_methods, reason = "the one place where the bot's clock comes from")]
    let clock = Clock::new(chrono::Utc::now);
    if args.check {
        let findings = runtime.block_on(check::look(&config))?;
        for finding in &findings {
            println!("{}", serde_json::to_string(finding)?);
        }
        let ok = findings.iter().all(|finding| finding.ok);
        return Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let ended = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
        let stop = async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        bot::run(config, clock, points, stop).await.map_err(anyhow::Error::from)
    });
    // A task that does not heed its end must not keep the process.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the bot looks for the faults that a test asks for"
)]
fn environment() -> BTreeMap<String, String> {
    // Names and values that are not UTF-8 are none of ours.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn log(config: &config::Log) -> anyhow::Result<()> {
    // twilight-http's spans name the path of a request, and that holds an interaction's token.
    let filter = format!("{},twilight_http=warn", config.filter);
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("[log] filter {:?} is not one", config.filter))?;
    // A full disk loses lines of the log. Left on, the word about it goes to the same place, and a panic ends the bot.
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    match config.format {
        config::LogFormat::Text => log.with_ansi(false).init(),
        config::LogFormat::Json => log.json().init(),
    }
    Ok(())
}
