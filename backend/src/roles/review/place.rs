//! For whom files are reviewed: which configuration, which environment, which service group.

use super::{ReviewArgs, plain};
use crate::{
    config::{self, Config, Review},
    roles::migrate,
};
use anyhow::{Context as _, Result};
use dbdesk_cmdb::{ServiceGroup, Within, near::nearest};
use dbdesk_commands::{
    lang::{Said, said},
    wire::rule::Scope,
};
use dbdesk_review::{Flavour, InForce, Settings};
use dbdesk_store::service_group;
use std::{collections::BTreeMap, path::Path};

/// For whom files are reviewed.
pub(super) struct Place {
    /// Environment and service group, where they were named.
    pub(super) scope: Scope,
    /// The rules there.
    pub(super) in_force: InForce,
    /// The server there.
    pub(super) flavour: Flavour,
    /// What should be looked at.
    pub(super) warning: Option<Said>,
}

impl Place {
    /// What files are judged by.
    pub(super) fn settings(&self) -> Settings {
        Settings { flavour: self.flavour, ..self.in_force.settings() }
    }
}

/// Finds out; the inventory is asked only where a service group is named without its environment.
///
/// # Errors
/// A configuration that can not be taken, a group that is not there, an inventory that can not be asked.
pub(super) fn place(
    args: &ReviewArgs,
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<Place, Said> {
    let review = config::review_only(file, environment).map_err(|error| plain(&error))?;
    let mut scope = Scope { service_group: args.group.clone(), environment: args.environment.clone() };
    let mut flavour = args.flavour;
    if let (Some(name), None) = (&args.group, &args.environment) {
        let group = of_inventory(name, file, environment).map_err(|error| no_inventory(&error))??;
        scope.environment = Some(group.environment);
        flavour = flavour.or_else(|| Flavour::of_name(&group.flavour));
    }
    let in_force = review.in_force(scope.environment.as_deref(), scope.service_group.as_deref());
    let warning = args.environment.as_deref().and_then(|name| nothing_said(name, &review));
    Ok(Place { scope, in_force, flavour: flavour.unwrap_or_default(), warning })
}

fn nothing_said(name: &str, review: &Review) -> Option<Said> {
    (!review.environment.contains_key(name)).then(|| {
        said!(
            "note: the configuration says nothing about the rules of the environment “{name}”; what it says for all is in force.",
            "注意：配置里没有针对环境“{name}”的规则设置，按全局设置处理。"
        )
    })
}

fn no_inventory(error: &anyhow::Error) -> Said {
    said!(
        "the inventory can not be asked: {error:#}. Name the group's environment as well (--environment) to do without it.",
        "无法查询服务组清单：{error:#}。同时写上服务组的环境（--environment）就不需要查询。"
    )
}

fn of_inventory(
    name: &str,
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<Result<ServiceGroup, Said>> {
    let config = config::load(file, environment)?.config;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(look(name, config))
}

async fn look(name: &str, config: Config) -> Result<Result<ServiceGroup, Said>> {
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    if let Some(row) = service_group::by_name(&store, name).await.context("the service group")? {
        return Ok(Ok(row.group));
    }
    let names = service_group::names(&store, &Within::All).await.context("the service groups")?;
    let near = nearest(name, names.iter().map(String::as_str)).join(", ");
    Ok(Err(said!(
        "there is no service group “{name}”. Did you mean: {near}?",
        "没有服务组“{name}”。你要找的是不是：{near}？"
    )))
}
