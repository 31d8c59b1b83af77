//! `dbdesk-run --task N`, `dbdesk-run --wait`: does one task's work. It is a program of its own because one starts for each task: with
//! what only the other roles need it would be four times as large and start half as fast (backend/executor/README.md).

use clap::Parser;
use dbdesk::roles::{
    points, run,
    start::{configured, environment, one},
};
use dbdesk_commands::id::TaskId;
use std::{path::PathBuf, process::ExitCode};

/// Does one task's work; started by `dbdesk detach`, or ahead of any task by `dbdesk control`.
#[derive(Debug, Parser)]
#[command(name = "dbdesk-run", version)]
struct Cli {
    /// The configuration file; see dbdesk.example.toml
    #[arg(long, env = "DBDESK_CONFIG", value_name = "PATH")]
    config: Option<PathBuf>,
    /// Its number
    #[arg(long, required_unless_present = "wait")]
    task: Option<TaskId>,
    /// Wait for its number on standard input; an end of that means that there is none
    #[arg(long, conflicts_with = "task")]
    wait: bool,
}

fn main() -> ExitCode {
    let Cli { config, task, wait: _ } = Cli::parse();
    let done = configured(config.as_deref()).and_then(|config| {
        let points = points::points(&environment())?;
        one()?.block_on(run::run(task, config, points))
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dbdesk-run: {error:#}");
            ExitCode::FAILURE
        }
    }
}
