//! A verb has one stem everywhere, and the document names every route.

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::ticket::TicketVerb;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// Files of `api/` and `service/` that are no verbs.
const API_PARTS: [&str; 5] = ["bearer", "explain", "extract", "posted", "read_json"];
const SERVICE_PARTS: [&str; 27] = [
    "again",
    "alarming",
    "approval",
    "binlog",
    "caller",
    "content",
    "failure",
    "filing",
    "gathering",
    "noticing",
    "once",
    "online",
    "policy_explain",
    "refuse",
    "reminding",
    "reviewing",
    "schedule_step",
    "shadow",
    "shares",
    "spread",
    "standing",
    "steered",
    "step",
    "steps",
    "taking_back",
    "view",
    "without_undo",
];

fn stems(folder: &str, parts: &[&str]) -> Result<BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let mut stems = BTreeSet::new();
    for file in std::fs::read_dir(folder)? {
        let name = file?.file_name().into_string().map_err(|name| anyhow::anyhow!("{}", name.display()))?;
        let stem = name.strip_suffix(".rs").unwrap_or(&name).to_owned();
        if stem != "mod" && !parts.contains(&stem.as_str()) {
            stems.insert(stem);
        }
    }
    Ok(stems)
}

#[test]
fn every_verb_has_its_file_in_api_and_in_service() -> Result<()> {
    let (api, service) = (stems("api", &API_PARTS)?, stems("service", &SERVICE_PARTS)?);
    ensure!(api == service, "only on one side: {:?}", api.symmetric_difference(&service).collect::<Vec<_>>());
    for verb in TicketVerb::ALL {
        ensure!(api.contains(&format!("ticket_{}", verb.word().replace('-', "_"))), "{verb:?} has no file");
    }
    Ok(())
}

#[test]
fn the_document_names_every_verb_and_its_routes() -> Result<()> {
    let document: Value = serde_json::from_str(&dbdesk::api::openapi().to_json()?)?;
    ensure!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let mut named = BTreeSet::new();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().context("paths")? {
        for (method, operation) in methods.as_object().context("methods")? {
            let id = operation["operationId"].as_str().context("an operation's id")?;
            named.insert(id.to_owned());
            routes.push(format!("{:<6} {path} ({id})", method.to_uppercase()));
            let described = operation["responses"].to_string();
            let free = ["health", "metrics"].contains(&id);
            ensure!(free || described.contains("Problem"), "{id} does not say how it refuses");
        }
    }
    ensure!(named == stems("api", &API_PARTS)?, "{named:?}");
    insta::assert_snapshot!(routes.join("\n"));
    Ok(())
}
