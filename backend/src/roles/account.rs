//! `dbdesk account grants`: what the account that makes accounts needs on a service group, for a DBA to run there.

use super::migrate;
use crate::config::Config;
use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use dbdesk_account::{
    AccountName, DatabaseName, Dialect, HostPattern, HostPolicy,
    desk::{self, Named},
};
use dbdesk_review::Flavour;
use dbdesk_store::service_group;

/// On which group, from where, and on which databases beside those of the inventory.
#[derive(Debug, Args)]
pub struct GrantsArgs {
    /// Service group whose databases, flavour and account are meant
    pub service_group: String,
    /// Address or network from which control's machines connect: 10.0.0.9, 10.0.0.0/24
    #[arg(long)]
    pub host: String,
    /// A database that will be asked for
    #[arg(long = "database", value_name = "NAME")]
    pub databases: Vec<String>,
    /// All databases whose names begin so
    #[arg(long = "prefix", value_name = "NAME")]
    pub prefixes: Vec<String>,
}

/// Prints the statements, without a password.
pub async fn grants(config: Config, args: GrantsArgs) -> Result<()> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    let name = &args.service_group;
    let Some(row) = service_group::by_name(&store, name).await? else {
        bail!("the inventory has no service group “{name}”; `dbdesk inventory load FILE` reads one");
    };
    let group = row.group;
    let flavour = Flavour::of_name(&group.flavour)
        .with_context(|| format!("“{name}”: the flavour “{}” is not known", group.flavour))?;
    // For dbdesk's own account its administrators answer: any host is theirs to choose.
    let host = HostPattern::parse(&args.host, HostPolicy { any_host: true, widest_prefix: 0 })
        .map_err(|said| anyhow!("--host: {}", said.en))?;
    let user = config.target.account_user(name);
    let parse = |text: &String| DatabaseName::parse(text).map_err(|said| anyhow!("“{text}”: {}", said.en));
    let databases: Result<Vec<_>> = group.databases.iter().chain(&args.databases).map(parse).collect();
    let prefixes: Result<Vec<_>> = args.prefixes.iter().map(parse).collect();
    let named: Vec<_> =
        databases?.into_iter().map(Named::One).chain(prefixes?.into_iter().map(Named::Begins)).collect();
    let account = AccountName::new(user, &host.to_string());
    println!(
        "-- On the primary of {name}, as an administrator; first: CREATE USER {} IDENTIFIED BY …",
        account.sql()
    );
    for grant in desk::grants(&account, &named, Dialect::of(flavour)) {
        println!("{grant};");
    }
    Ok(())
}
