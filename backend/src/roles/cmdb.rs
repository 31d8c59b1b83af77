//! `dbdesk cmdb import HOST:PORT`: a group of servers as it runs, written as an inventory file. Nothing is changed; `inventory load` takes what is
//! printed once a person has looked at it.

use crate::config::Config;
use anyhow::{Context as _, Result, bail};
use chrono_tz::Tz;
use clap::Args;
use dbdesk_cmdb::{FailoverPolicy, Instance, ServiceGroup, drift::flavour_of, inventory};
use dbdesk_commands::wire::group::{InstanceLive, InstanceRole};
use dbdesk_components::mysql::probe;
use serde::Serialize;
use sqlx::mysql::MySqlConnectOptions;
use std::{collections::BTreeSet, time::Duration};

/// One server may take so long.
const LIMIT: Duration = Duration::from_secs(5);
/// From a replica to its source, and on, at most so often.
const STEPS: usize = 8;
/// Servers of one group.
const MOST: usize = 64;

/// What is read, and what the servers can not say.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Any server of it
    #[arg(value_name = "HOST:PORT")]
    server: String,
    /// What the group is to be called
    #[arg(long)]
    name: String,
    /// `production`, `staging` …
    #[arg(long)]
    environment: String,
    /// In which its windows and the times people type are meant
    #[arg(long, default_value = "UTC")]
    time_zone: Tz,
    /// The team that owns it
    #[arg(long)]
    team: Option<String>,
}

#[derive(Serialize)]
struct File {
    group: Vec<ServiceGroup>,
}

/// Reads it and prints it.
pub async fn import(config: Config, args: ImportArgs) -> Result<()> {
    let (host, port) = address(&args.server)?;
    let reach = |host: &str, port: u16| config.target.review_account(&args.name).options(host, port);
    let (primary, live) = primary(&reach, (host, port)).await?;
    let (_, databases) = probe::with_databases(&reach(&primary.0, primary.1), LIMIT).await?;
    let mut instances = vec![Instance::new(primary.0.clone(), primary.1, InstanceRole::Primary)];
    let replicas = match probe::replicas(&reach(&primary.0, primary.1), LIMIT).await {
        Ok(replicas) => replicas,
        Err(error) => bail!(
            "{}:{} does not say who follows it: {error}; grant the account {} REPLICATION MASTER ADMIN (MariaDB) or REPLICATION SLAVE \
             (MySQL) on *.*",
            primary.0,
            primary.1,
            config.target.review_account(&args.name).user
        ),
    };
    for (host, port) in replicas.into_iter().collect::<BTreeSet<_>>().into_iter().take(MOST) {
        match probe::instance(&reach(&host, port), LIMIT).await {
            Ok(live) if live.source.is_some() => {
                instances.push(Instance::new(host, port, InstanceRole::Replica));
            }
            Ok(_) => eprintln!("{host}:{port} follows nobody; it is left out"),
            Err(error) => {
                eprintln!(
                    "{host}:{port} follows it and can not be asked ({error}); look at it before you load this"
                );
                instances.push(Instance::new(host, port, InstanceRole::Replica));
            }
        }
    }
    let group = ServiceGroup {
        flavour: flavour_of(&live.version)
            .with_context(|| format!("the version {:?} is not understood", live.version))?,
        name: args.name,
        environment: args.environment,
        team: args.team,
        dbas: None,
        time_zone: args.time_zone,
        databases,
        package: None,
        stage: dbdesk_cmdb::GroupStage::InService,
        failover: FailoverPolicy::Observe,
        semi_sync: live.semi_sync.filter(|on| *on),
        instances,
        proxies: Vec::new(),
        vips: Vec::new(),
        names: Vec::new(),
        backup: None,
        labels: Vec::new(),
        quiet_windows: Vec::new(),
        peaks: Vec::new(),
    };
    let text = toml::to_string(&File { group: vec![group] }).context("an inventory is written")?;
    // What is printed can be loaded, or it is told why not.
    if let Err(faults) = inventory::read(&text) {
        let told: Vec<String> = faults.iter().map(|said| said.en.to_string()).collect();
        eprintln!("as it is this can not be loaded:\n  {}", told.join("\n  "));
    }
    print!("{text}");
    Ok(())
}

fn address(text: &str) -> Result<(String, u16)> {
    let parsed = text.rsplit_once(':').and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)));
    parsed
        .filter(|(host, port)| !host.is_empty() && *port > 0)
        .with_context(|| format!("“{text}” is no address of a server; write it as 10.0.0.1:3306"))
}

/// From any server of a group to the one that follows nobody.
async fn primary(
    reach: &impl Fn(&str, u16) -> MySqlConnectOptions,
    from: (String, u16),
) -> Result<((String, u16), InstanceLive)> {
    let mut at = from;
    for _ in 0..STEPS {
        let asked = probe::instance(&reach(&at.0, at.1), LIMIT).await;
        let live = asked.with_context(|| format!("{}:{} can not be asked", at.0, at.1))?;
        match &live.source {
            None => return Ok((at, live)),
            Some(source) => at = address(&source.address)?,
        }
    }
    bail!("after {STEPS} servers each still follows another: they follow one another in a circle?")
}
