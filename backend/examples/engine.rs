//! The engine's three roles alone, for trying them by hand.
use anyhow::{Context as _, Result};
use dbdesk::{
    config,
    roles::{
        control, detach,
        machine::{Args, File},
        run,
    },
};
use dbdesk_commands::id::TaskId;
use std::path::PathBuf;

#[expect(clippy::disallowed_methods, reason = "a program of its own")]
fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let path = after("--config").map(PathBuf::from);
    let config = config::load(path.as_deref(), &std::env::vars().collect())?.config;
    let file = File(path);
    let task = || Ok::<_, anyhow::Error>(TaskId(after("--task").context("no --task")?.parse()?));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match words.first().map(String::as_str) {
        Some("control") => runtime.block_on(control::run(file, config)),
        Some("detach") => runtime.block_on(detach::run(Args { file, task: task()? }, config)),
        Some("run") => runtime.block_on(run::run(Args { file, task: task()? }, config)),
        _ => anyhow::bail!("control, detach or run"),
    }
}
