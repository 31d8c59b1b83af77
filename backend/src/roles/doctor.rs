//! `dbdesk doctor [--format text|json] [--lang en|zh-CN]`: is everything there that the desk needs, and if not, how to mend it.

use super::machine;
use crate::{
    config::Config,
    doctor::{self, Level},
};
use clap::ValueEnum;
use dbdesk_commands::lang::Lang;
use std::process::ExitCode;

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines: a list of checks, each in both languages.
    Json,
}

/// Prints what was found; exit 0 when nothing failed, else 1.
pub async fn run(config: &Config, format: Format, lang: Lang) -> anyhow::Result<ExitCode> {
    let checks = doctor::examine(config, &machine::clock()).await;
    match format {
        Format::Text => print!("{}", doctor::text(&checks, lang)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&checks)?),
    }
    Ok(if doctor::worst(&checks) == Level::Failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
