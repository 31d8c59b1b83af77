//! What every program begins with: its environment, its configuration, its log, its runtime.

use crate::config::{self, Config, LogFormat};
use anyhow::{Context as _, Result};
use std::{collections::BTreeMap, path::Path};
use tracing_subscriber::EnvFilter;

/// The environment of this process.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere below")]
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    // Names and values that are not UTF-8 are none of ours.
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The configuration of a role; its log begins with that.
pub fn configured(path: Option<&Path>) -> Result<Config> {
    let loaded = config::load(path, &environment())?;
    log(&loaded.config)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded.config)
}

fn log(config: &Config) -> Result<()> {
    let filter = &config.log.filter;
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("`log.filter`: “{filter}” is not a filter such as \"info\" or \"dbdesk=debug\"")
    })?;
    // A full disk loses lines of the log. Left on, the word about it goes to the same place, and a panic ends the work.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    match config.log.format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}

/// For a role that serves many.
pub fn many() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// For a role that does one thing.
pub fn one() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
