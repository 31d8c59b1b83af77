//! `dbdesk token create|list|revoke`. A token is shown once, here; the store keeps its hash.

use super::{machine, migrate};
use crate::config::Config;
use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dbdesk_store::{
    Pool, person,
    token::{self, Kind},
};
use sha2::{Digest as _, Sha256};
use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};

/// For whom a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// The bot.
    Bot,
    /// The person with this name.
    Person(String),
}

async fn store(config: &Config) -> Result<Pool> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, config).await?;
    Ok(store)
}

/// Makes one; prints it, or writes it to a new file of mode 0600.
pub async fn create(config: Config, whose: For, name: Option<String>, out: Option<&Path>) -> Result<()> {
    let store = store(&config).await?;
    let now = machine::clock().now();
    let (kind, who) = match &whose {
        For::Bot => (Kind::Bot, "bot"),
        For::Person(name) => {
            let person = person::by_name(&store, name).await?;
            let Some(person) = person else {
                bail!(
                    "there is no person “{name}”; add a [[person]] to the configuration and run `dbdesk migrate`"
                )
            };
            (Kind::Person(person.id), name.as_str())
        }
    };
    let name = name.unwrap_or_else(|| format!("{who}-{}", now.format("%Y%m%dT%H%M%S%3f")));
    let text = format!("dbdesk_{}", URL_SAFE_NO_PAD.encode(machine::chance().bytes::<32>()?));
    // The file first: a token that nobody holds would be worth nothing.
    if let Some(path) = out {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("{} can not be made new", path.display()))?;
        writeln!(file, "{text}")?;
    }
    let hash = Sha256::digest(text.as_bytes()).into();
    token::insert(&store, &name, &hash, kind, now).await.map_err(|error| {
        if error.is_duplicate() {
            anyhow::anyhow!("there is a token “{name}” already; choose another --name, or revoke that one")
        } else {
            error.into()
        }
    })?;
    if let Some(path) = out {
        eprintln!("Token “{name}” stands in {}.", path.display());
    } else {
        println!("{text}");
        eprintln!("This is token “{name}”. It is shown only now.");
    }
    Ok(())
}

/// Lists them, without what they are.
pub async fn list(config: Config) -> Result<()> {
    for token in token::all(&store(&config).await?).await? {
        let state = match (token.revoked_at, token.last_used_at) {
            (Some(at), _) => format!("revoked {}", at.format("%Y-%m-%d %H:%M")),
            (None, Some(at)) => format!("last used {}", at.format("%Y-%m-%d %H:%M")),
            (None, None) => "never used".to_owned(),
        };
        let who = token.person.unwrap_or(token.kind);
        println!("{}\t{who}\tmade {}\t{state}", token.name, token.created_at.format("%Y-%m-%d %H:%M"));
    }
    Ok(())
}

/// Revokes one, from now on.
pub async fn revoke(config: Config, name: &str) -> Result<()> {
    if !token::revoke(&store(&config).await?, name, machine::clock().now()).await? {
        bail!("there is no token “{name}” that could be revoked; `dbdesk token list` shows them");
    }
    println!("Token “{name}” is revoked.");
    Ok(())
}
