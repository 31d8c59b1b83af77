//! `dbdesk person`: the desk's people, for the operator's shell. Who is written in the configuration has his roles and team from there.

use super::{machine, migrate};
use crate::{config::Config, service::noticing};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Subcommand;
use dbdesk_commands::{
    id::{PersonId, is_discord_id},
    wire::{
        audit::{SubjectKind, What},
        notice::LinkOutcome,
        person::Role,
    },
};
use dbdesk_store::{
    Pool, Tx,
    audit::Decision,
    begin_as, commit,
    link_request::{self, Outcome},
    person::{self, DESK, Person, Seed},
};
use serde_json::json;

/// People that are listed.
const LISTED: u32 = 20_000;
/// Longest name, and longest team.
const CHARS: usize = 64;

/// What is done.
#[derive(Debug, Subcommand)]
pub enum PersonRole {
    /// List everybody with roles, team and Discord user
    List,
    /// Add a person
    Add {
        /// Short name
        name: String,
        /// A role: developer, dba or admin; again for another one
        #[arg(long = "role", value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
        /// Team
        #[arg(long)]
        team: Option<String>,
    },
    /// Say which Discord user a person is, where he is none yet
    Link {
        /// Short name
        name: String,
        /// Discord user id
        discord_id: String,
    },
    /// Say that a person's Discord user is his no longer
    Unlink {
        /// Short name
        name: String,
    },
    /// Give a person exactly these roles; none: he may nothing
    Roles {
        /// Short name
        name: String,
        /// developer, dba, admin
        #[arg(value_name = "ROLE", value_parser = role)]
        roles: Vec<Role>,
    },
    /// Put a person into a team; without one, into none
    Team {
        /// Short name
        name: String,
        /// Team
        team: Option<String>,
    },
}

fn role(word: &str) -> Result<Role, String> {
    match word {
        "developer" => Ok(Role::Developer),
        "dba" => Ok(Role::Dba),
        "admin" => Ok(Role::Admin),
        _ => Err("known are developer, dba, admin".to_owned()),
    }
}

/// Does it, and says what it did.
pub async fn run(config: Config, what: PersonRole) -> Result<()> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    match what {
        PersonRole::List => return list(&store).await,
        PersonRole::Add { name, roles, team } => add(&store, name, roles, team).await?,
        PersonRole::Link { name, discord_id } => link(&store, &name, &discord_id).await?,
        PersonRole::Unlink { name } => unlink(&store, &name).await?,
        PersonRole::Roles { name, roles } => {
            not_of_the_file(&config, &name)?;
            let (mut tx, who) = found(&store, &name).await?;
            person::set_roles(&mut tx, who.id, &roles).await?;
            decided(&mut tx, What::PersonChanged, &name, json!({ "roles": roles }));
            commit(tx).await?;
            println!("{name} is now: {}.", words(&roles));
        }
        PersonRole::Team { name, team } => {
            not_of_the_file(&config, &name)?;
            let (mut tx, who) = found(&store, &name).await?;
            let team = team.as_deref().map(str::trim).filter(|team| !team.is_empty());
            ensure!(
                team.is_none_or(|team| team.chars().count() <= CHARS),
                "a team has at most {CHARS} characters"
            );
            person::set_team(&mut tx, who.id, team).await?;
            decided(&mut tx, What::PersonChanged, &name, json!({ "team": team }));
            commit(tx).await?;
            println!("{name} is now in: {}.", team.unwrap_or("no team"));
        }
    }
    Ok(())
}

/// What the file says of a person would come back at the next start.
fn not_of_the_file(config: &Config, name: &str) -> Result<()> {
    if config.person.iter().any(|person| person.name == name) {
        bail!(
            "the configuration has a [[person]] {name:?}: change his roles and team there, then run `dbdesk migrate`"
        );
    }
    Ok(())
}

async fn found(store: &Pool, name: &str) -> Result<(Tx, Person)> {
    let mut tx = begin_as(store, machine::shell()).await?;
    let who = person::lock(&mut tx, name).await?;
    let who = who.with_context(|| format!("there is no person {name:?}; `dbdesk person list` shows them"))?;
    Ok((tx, who))
}

/// Notes it for the audit log.
fn decided(tx: &mut Tx, what: What, name: &str, detail: serde_json::Value) {
    tx.decided(Decision::new(what, SubjectKind::Person, name, detail, machine::clock().now()));
}

async fn add(store: &Pool, name: String, roles: Vec<Role>, team: Option<String>) -> Result<()> {
    let (name, team) = (name.trim().to_owned(), team.map(|team| team.trim().to_owned()));
    let usable =
        |text: &str| (1..=CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    ensure!(usable(&name), "a name has 1 to {CHARS} characters");
    // A mention, an address or a channel would be read as one wherever the name is shown.
    ensure!(
        !name.contains(['<', '>', '@', '#', '`', '*', '|', '\\', '/', ':', '"', '\'']),
        "{name:?}: a name has no < > @ # ` * | \\ / : or quotes, such as ann or ann.li"
    );
    ensure!(name != DESK, "so the desk calls itself; choose another name");
    ensure!(team.as_deref().is_none_or(usable), "a team has 1 to {CHARS} characters");
    let told = format!("{name} was added; he is: {}.", words(&roles));
    let seed = Seed { name, discord_id: None, team, roles };
    let mut tx = begin_as(store, machine::shell()).await?;
    match person::add(&mut tx, &seed, machine::clock().now()).await {
        Ok(PersonId(_)) => {
            let detail = json!({ "roles": seed.roles, "team": seed.team });
            decided(&mut tx, What::PersonAdded, &seed.name, detail);
        }
        Err(error) if error.is_duplicate() => bail!("there is a person {:?} already", seed.name),
        Err(error) => return Err(error.into()),
    }
    commit(tx).await?;
    println!("{told}");
    Ok(())
}

async fn link(store: &Pool, name: &str, discord_id: &str) -> Result<()> {
    ensure!(
        is_discord_id(discord_id),
        "{discord_id:?} is no Discord user id: that has up to 20 digits, the first of which is not 0"
    );
    let (mut tx, who) = found(store, name).await?;
    match person::link(&mut tx, who.id, discord_id).await {
        Ok(true) => decided(&mut tx, What::PersonLinked, name, json!({ "discord_id": discord_id })),
        Ok(false) => bail!(
            "{name} is the Discord user {} already; take that from him first: `dbdesk person unlink {name}`",
            who.discord_id.unwrap_or_default()
        ),
        Err(error) if error.is_duplicate() => {
            let other = person::by_discord(store, discord_id).await?;
            let other = other.map(|other| other.name).unwrap_or_default();
            bail!("the Discord user {discord_id} is {other} already; a Discord user is one person")
        }
        Err(error) => return Err(error.into()),
    }
    // What that Discord user had asked an admin for is answered with it.
    if let Some(open) = link_request::lock_open(&mut tx, discord_id).await? {
        let at = machine::clock().now();
        let settled = if open.name == who.name { Outcome::Confirmed } else { Outcome::Replaced };
        let outcome = LinkOutcome::Operator { name: who.name.clone(), at };
        link_request::settle(&mut tx, open.id, (settled, None), at).await?;
        noticing::link_settled(&mut tx, open.notice(), outcome, at).await?;
    }
    commit(tx).await?;
    println!("{name} is the Discord user {discord_id} from now on.");
    Ok(())
}

async fn unlink(store: &Pool, name: &str) -> Result<()> {
    let (mut tx, who) = found(store, name).await?;
    let Some(before) = &who.discord_id else {
        bail!("{name} is linked to no Discord user; nothing was changed")
    };
    person::unlink(&mut tx, who.id).await?;
    decided(&mut tx, What::PersonUnlinked, name, json!({ "discord_id": before }));
    commit(tx).await?;
    println!("{name} is not the Discord user {before} any more. What he has open stays his.");
    Ok(())
}

async fn list(store: &Pool) -> Result<()> {
    for who in person::all(store, LISTED).await? {
        let (team, discord) = (who.team.as_deref().unwrap_or("-"), who.discord_id.as_deref().unwrap_or("-"));
        println!("{}\t{}\t{team}\t{discord}", who.name, words(&who.roles));
    }
    Ok(())
}

fn words(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| person::word(*role)).collect();
    if words.is_empty() { "nothing (he may nothing)".to_owned() } else { words.join(", ") }
}
