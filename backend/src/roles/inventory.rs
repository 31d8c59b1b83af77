//! `dbdesk inventory load FILE`: service groups, instances, databases and quiet windows, as the file says. Loading the same
//! file again changes nothing.

use super::{machine, migrate};
use crate::config::Config;
use anyhow::{Context as _, Result, bail};
use dbdesk_cmdb::inventory;
use dbdesk_commands::lang::Lang;
use dbdesk_review::Flavour;
use dbdesk_store::{
    begin, commit,
    service_group::{self, Put},
};
use std::path::Path;

/// Loads it, and says what changed.
pub async fn load(config: Config, file: &Path, lang: Lang) -> Result<()> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} can not be read"))?;
    let found = inventory::read(&text).map_err(|faults| {
        let told: Vec<_> = faults.iter().map(|said| format!("  {}", said.in_lang(lang))).collect();
        anyhow::anyhow!("{shown}:\n{}", told.join("\n"))
    })?;
    for group in &found.groups {
        if Flavour::of_name(&group.flavour).is_none() {
            let (name, flavour) = (&group.name, &group.flavour);
            bail!("{shown}: “{name}”: the flavour “{flavour}” is not known; known are {}", Flavour::NAMES);
        }
    }
    let store = dbdesk_store::pool(&config.store.connect());
    migrate::must_fit(&store, &config).await?;
    let at = machine::clock().now();
    let mut tx = begin(&store).await?;
    let mut told = Vec::new();
    for group in &found.groups {
        let put = service_group::put(&mut tx, group, at).await.with_context(|| {
            format!("“{}” can not be kept; does one of its instances belong to another group?", group.name)
        })?;
        told.push((group.name.as_str(), put));
    }
    commit(tx).await?;
    for (name, put) in &told {
        let word = match put {
            Put::Added => "added",
            Put::Changed => "changed",
            Put::Same => "as it was",
        };
        println!("{name}: {word}");
    }
    for name in service_group::names(&store).await? {
        if told.iter().all(|(known, _)| *known != name) {
            println!("{name}: not in this file, left as it was");
        }
    }
    Ok(())
}
