//! `dbdesk token create|list|revoke`. A token is shown once, here; the store keeps its hash.

use super::{machine, machine::shell, migrate};
use crate::{
    config::Config,
    service::{
        token_create::{MOST_GROUPS, created, drawn, name, too_long, without_end},
        token_revoke::gone,
    },
};
use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::Args;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    clock::Time,
    lang::Said,
    wire::{
        person::Role,
        token::{Lasts, May, TokenKind, TokenView, words},
    },
};
use dbdesk_store::{
    Pool, begin_as, commit,
    person::{self, Person},
    service_group,
    token::{self, Kind, NewToken},
};
use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// What is made.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["bot", "person"]))]
pub struct CreateArgs {
    /// For the bot
    #[arg(long, conflicts_with_all = ["may", "group"])]
    bot: bool,
    /// For the person with this name
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// What to call it
    #[arg(long)]
    name: Option<String>,
    /// What it may: read, file, decide, steer, account, admin; never more than its person may [default: read,file]
    #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
    may: Vec<May>,
    /// Only for this service group; may be repeated
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,
    /// For how long: 90d, 12h, or never, which is for the bot's only [default: as configured; the bot's: never]
    #[arg(long, value_name = "TIME", value_parser = lasts)]
    expires: Option<Lasts>,
    /// Write it to this new file (mode 0600) instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

fn lasts(text: &str) -> Result<Lasts, String> {
    text.parse().map_err(|said: Said| said.en.into_owned())
}

async fn store(config: &Config) -> Result<Pool> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, config).await?;
    Ok(store)
}

/// Makes one; prints it, or writes it to a new file of mode 0600.
pub async fn create(config: Config, args: CreateArgs) -> Result<()> {
    let store = store(&config).await?;
    let now = machine::clock().now();
    let new = asked(&store, &config, &args, now).await?;
    let (text, hash) = drawn(machine::chance().bytes()?);
    // The file first: a token that nobody holds would be worth nothing.
    if let Some(path) = &args.out {
        written(path, &text)?;
    }
    let mut tx = begin_as(&store, shell()).await?;
    token::insert(&mut *tx, &new, &hash, now).await.map_err(|error| {
        if error.is_duplicate() {
            anyhow::anyhow!("there is, or was, a token “{}” already; choose another --name", new.name)
        } else {
            error.into()
        }
    })?;
    tx.decided(created(&new, args.person.as_deref().unwrap_or("bot"), now));
    commit(tx).await?;
    let (name, may) = (&new.name, words(&new.may));
    let until = new
        .expires_at
        .map_or_else(|| "until it is revoked".to_owned(), |end| format!("until {}", minute(end)));
    if let Some(path) = &args.out {
        eprintln!("Token “{name}” stands in {}. It may {may}, {until}.", path.display());
    } else {
        println!("{text}");
        eprintln!("This is token “{name}”. It is shown only now. It may {may}, {until}.");
    }
    Ok(())
}

async fn asked(store: &Pool, config: &Config, args: &CreateArgs, now: Time) -> Result<NewToken> {
    let (kind, who) = match &args.person {
        None => (Kind::Bot, "bot"),
        Some(name) => {
            let person = person::by_name(store, name).await?;
            let Some(person) = person else {
                bail!(
                    "there is no person “{name}”; `dbdesk person list` shows who there is, `dbdesk person add` adds somebody"
                )
            };
            of_use(&person, &args.may)?;
            (Kind::Person(person.id), name.as_str())
        }
    };
    let is_bot = kind == Kind::Bot;
    let may = match args.may.as_slice() {
        _ if is_bot => BTreeSet::from(May::ALL),
        [] => BTreeSet::from(May::USUAL),
        some => some.iter().copied().collect(),
    };
    let named = args.name.clone().unwrap_or_else(|| format!("{who}-{}", now.format("%Y%m%dT%H%M%S%3f")));
    Ok(NewToken {
        name: name(&named).map_err(|refusal| anyhow::anyhow!(refusal.said.en))?,
        kind,
        may,
        within: within(store, &args.group).await?,
        expires_at: end(config, is_bot, args.expires, now)?,
        made_by: None,
    })
}

/// A scope that its person may make no use of would only mislead.
fn of_use(person: &Person, may: &[May]) -> Result<()> {
    if may.contains(&May::Admin) && !person.roles.contains(&Role::Admin) {
        let name = &person.name;
        bail!("{name} is no admin: a token never gives what its person may not; leave admin out of --may");
    }
    Ok(())
}

fn end(config: &Config, is_bot: bool, asked: Option<Lasts>, now: Time) -> Result<Option<Time>> {
    let (usual, most) = (config.api.token_days, config.api.token_days_most);
    let days = |days: u32| TimeDelta::days(i64::from(days));
    match asked {
        None | Some(Lasts::Never) if is_bot => Ok(None),
        None => Ok(Some(now + days(usual.min(most)))),
        Some(Lasts::Never) => bail!(without_end(most).said.en),
        Some(Lasts::For(lasts)) if lasts > days(most) && !is_bot => bail!(too_long(most).said.en),
        Some(Lasts::For(lasts)) => Ok(Some(now + lasts)),
    }
}

async fn within(store: &Pool, names: &[String]) -> Result<Within> {
    if names.is_empty() {
        return Ok(Within::All);
    }
    if names.len() > MOST_GROUPS {
        bail!("a token names at most {MOST_GROUPS} groups");
    }
    let mut groups = BTreeSet::new();
    for name in names {
        let group = service_group::by_name(store, name).await?;
        let group = group.with_context(|| format!("there is no service group “{name}”"))?;
        groups.insert(group.id);
    }
    Ok(Within::Only(groups))
}

fn written(path: &Path, text: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} can not be made new", path.display()))?;
    Ok(writeln!(file, "{text}")?)
}

fn minute(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// Lists them, without what they are.
pub async fn list(config: Config) -> Result<()> {
    let now = machine::clock().now();
    for token in token::page(&store(&config).await?, None).await? {
        println!("{}", line(&token, now));
    }
    Ok(())
}

fn line(token: &TokenView, now: Time) -> String {
    let who = match (&token.person, token.kind) {
        (Some(person), _) => person.name.as_str(),
        (None, TokenKind::Bot) => "bot",
        (None, TokenKind::Person) => "nobody",
    };
    let groups =
        token.service_groups.as_ref().map_or_else(|| "all groups".to_owned(), |names| names.join(","));
    let end = match token.expires_at {
        None => "no end".to_owned(),
        Some(end) if end <= now => format!("ended {}", minute(end)),
        Some(end) => format!("ends {}", minute(end)),
    };
    let end = token.revoked_at.map_or(end, |at| format!("revoked {}", minute(at)));
    let used = match (token.last_used_at, &token.last_used_from) {
        (Some(at), Some(from)) => format!("last used {} from {from}", minute(at)),
        (Some(at), None) => format!("last used {}", minute(at)),
        (None, _) => "never used".to_owned(),
    };
    let (may, made) = (words(&token.may), minute(token.created_at));
    format!("{}\t{who}\t{may}\t{groups}\tmade {made}\t{end}\t{used}", token.name)
}

/// Revokes one, from now on, and all that were made with it.
pub async fn revoke(config: Config, name: &str) -> Result<()> {
    let store = store(&config).await?;
    let now = machine::clock().now();
    let mut tx = begin_as(&store, shell()).await?;
    let revoked = token::revoke(&mut tx, name, None, now).await?;
    if revoked.is_empty() {
        bail!("there is no token “{name}” that could be revoked; `dbdesk token list` shows them");
    }
    for name in &revoked {
        tx.decided(gone(name, now));
    }
    commit(tx).await?;
    for name in revoked {
        println!("Token “{name}” is revoked.");
    }
    Ok(())
}
