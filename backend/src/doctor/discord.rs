//! Discord, as the bot sees it: `dbdesk-bot --check` looks with the bot's own configuration and prints what it found, so that
//! the token stays with the bot.

use super::{Check, Level};
use dbdesk_commands::lang::{Said, said};
use serde::Deserialize;
use std::{path::Path, time::Duration};
use tokio::process::Command;

const PART: &str = "discord";
/// The bot asks Discord several things, one after the other.
const LIMIT: Duration = Duration::from_secs(20);

/// A line of `dbdesk-bot --check`.
#[derive(Deserialize)]
struct Line {
    ok: bool,
    found: Said,
    mend: Option<Said>,
}

pub(super) async fn check(config: Option<&Path>) -> Vec<Check> {
    let Some(config) = config else {
        return vec![Check::warning(
            PART,
            said!(
                "not looked at: the bot's configuration is not named",
                "没有检查：没有写明机器人的配置文件"
            ),
            said!("name it in [bot] config", "请在 [bot] config 里写明"),
        )];
    };
    let asked =
        Command::new(program()).arg("--config").arg(config).arg("--check").kill_on_drop(true).output();
    let output = match tokio::time::timeout(LIMIT, asked).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return vec![silent(&error.to_string())],
        Err(_) => return vec![silent("no answer in time")],
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let checks: Vec<Check> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .map(|line: Line| line.into())
        .collect();
    if checks.is_empty() { vec![silent(String::from_utf8_lossy(&output.stderr).trim())] } else { checks }
}

impl From<Line> for Check {
    fn from(line: Line) -> Self {
        let level = if line.ok { Level::Ok } else { Level::Failed };
        Self { part: PART.to_owned(), level, found: line.found, mend: line.mend }
    }
}

/// The bot stands beside this program, or on the path.
fn program() -> std::path::PathBuf {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("dbdesk-bot")));
    beside.filter(|program| program.is_file()).unwrap_or_else(|| "dbdesk-bot".into())
}

fn silent(why: &str) -> Check {
    let why: String = why.chars().take(500).collect();
    Check::failed(
        PART,
        said!("dbdesk-bot --check said nothing: {why}", "dbdesk-bot --check 没有结果：{why}"),
        said!(
            "is dbdesk-bot installed beside dbdesk, and [bot] config right?",
            "请确认 dbdesk-bot 与 dbdesk 装在一起，且 [bot] config 正确"
        ),
    )
}
