//! `dbdesk doctor`: looks at everything the desk depends on, changes nothing, and says how to mend what fails.

mod account;
mod audit;
pub mod backup;
mod discord;
mod group;
mod inventory;
mod people;
mod process;
mod redis;
mod rights;
mod settings;
mod shadow;
mod store;
mod token;
mod tool;

use crate::config::Config;
use dbdesk_commands::{
    clock::Clock,
    lang::{Lang, Said},
};
use serde::Serialize;
use std::time::Duration;

/// How long one part may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but not as well as it could.
    Warning,
    /// The desk does not work with it.
    Failed,
}

/// What was found about one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which part: `store`, `redis`, `shop 10.0.0.1:3306` …
    pub part: String,
    /// How it is.
    pub level: Level,
    /// What was found.
    pub found: Said,
    /// How to mend it.
    pub mend: Option<Said>,
}

impl Check {
    fn ok(part: impl Into<String>, found: Said) -> Self {
        Self { part: part.into(), level: Level::Ok, found, mend: None }
    }

    fn warning(part: impl Into<String>, found: Said, mend: Said) -> Self {
        Self { part: part.into(), level: Level::Warning, found, mend: Some(mend) }
    }

    fn failed(part: impl Into<String>, found: Said, mend: Said) -> Self {
        Self { part: part.into(), level: Level::Failed, found, mend: Some(mend) }
    }
}

/// Looks at every part; a part that does not answer does not keep the others waiting longer than a few seconds. `clock`: the machine's.
pub async fn examine(config: &Config, clock: &Clock) -> Vec<Check> {
    let pool = dbdesk_store::pool(&config.store.connect());
    let (store, redis, shadow, processes, tools, discord) = tokio::join!(
        store::check(config, &pool, clock),
        redis::check(config),
        Box::pin(shadow::check(config)),
        process::check(config),
        tool::check(),
        discord::check(config.bot.config.as_deref()),
    );
    let store_failed = store.iter().any(|check| check.level == Level::Failed);
    let groups = if store_failed { Vec::new() } else { group::check(config, &pool).await };
    let accounts = if store_failed { Vec::new() } else { account::check(config, &pool).await };
    let inventory = if store_failed { Vec::new() } else { inventory::check(config, &pool).await };
    let untried = if store_failed { Vec::new() } else { shadow::groups(config, &pool).await };
    let tokens = if store_failed { Vec::new() } else { token::check(&pool, clock).await };
    let audit = if store_failed { Vec::new() } else { audit::check(&pool).await };
    let kept = if store_failed { None } else { Some(&pool) };
    let people = people::check(config, kept, clock).await;
    let kept = backup::check(config, kept, clock).await;
    [
        store, redis, people, tokens, audit, kept, groups, inventory, accounts, shadow, untried, processes,
        tools, discord,
    ]
    .concat()
}

/// The worst of all.
#[must_use]
pub fn worst(checks: &[Check]) -> Level {
    checks.iter().map(|check| check.level).max().unwrap_or(Level::Ok)
}

/// As a person reads it.
#[must_use]
pub fn text(checks: &[Check], lang: Lang) -> String {
    checks.iter().map(|check| line(check, lang)).collect()
}

fn line(check: &Check, lang: Lang) -> String {
    let mark = match check.level {
        Level::Ok => "ok  ",
        Level::Warning => "warn",
        Level::Failed => "FAIL",
    };
    let mend =
        check.mend.as_ref().map(|mend| format!("      → {}\n", mend.in_lang(lang))).unwrap_or_default();
    format!("{mark}  {}: {}\n{mend}", check.part, check.found.in_lang(lang))
}
