//! A verb has one stem everywhere, and the document names every route.

use anyhow::{Context as _, Result, ensure};
use dbdesk::api::{self, access::Access};
use dbdesk_commands::wire::ticket::TicketVerb;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

/// Files of `api/` and `service/` that are no verbs.
const API_PARTS: [&str; 8] =
    ["access", "admit", "bearer", "explain", "extract", "posted", "rate", "read_json"];
const SERVICE_PARTS: [&str; 43] = [
    "account_expiry",
    "account_look",
    "account_there",
    "again",
    "alarming",
    "approval",
    "asking",
    "backup_due",
    "binlog",
    "building",
    "caller",
    "clustering",
    "content",
    "cluster_settle",
    "denied",
    "drafting",
    "failure",
    "filing",
    "gathering",
    "group_look",
    "group_repair",
    "noticing",
    "once",
    "online",
    "packaging",
    "planning",
    "policy_explain",
    "refuse",
    "reminding",
    "reviewing",
    "schedule_step",
    "scope",
    "scripting",
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

/// The desk's own, or nothing that is decided.
const WITHOUT_A_PERSON: [&str; 12] = [
    "account_expiry.rs",
    "account_look.rs",
    "alarming.rs",
    "backup_due.rs",
    "button_ask.rs",
    "cluster_settle.rs",
    "filing.rs",
    "group_look.rs",
    "link.rs",
    "noticing.rs",
    "reminding.rs",
    "review_make.rs",
];

#[test]
fn what_a_verb_does_for_a_person_is_done_in_his_name() -> Result<()> {
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service"))? {
        let file = file?.path();
        let name = file.file_name().and_then(|name| name.to_str()).context("a name")?.to_owned();
        if !file.is_file() || WITHOUT_A_PERSON.contains(&name.as_str()) {
            continue;
        }
        // Such a transaction says nothing of him to the audit log.
        let text = std::fs::read_to_string(&file)?;
        ensure!(!text.contains("begin(&desk.store)"), "{name}: begin it with `caller.begin(desk)`");
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
            // A route without a place in the table would answer nobody.
            let method: reqwest::Method = method.to_uppercase().parse()?;
            let access =
                api::access::of(&method, path).with_context(|| format!("{method} {path}: for whom?"))?;
            let asks = match access {
                Access::Open => "open",
                Access::May(may) => may.word(),
                Access::OfButton => "as its verb",
                Access::Bot => "the bot",
            };
            routes.push(format!("{:<6} {path} ({id}): {asks}", method.as_str()));
            let described = operation["responses"].to_string();
            let free = ["health", "metrics"].contains(&id);
            ensure!(free || described.contains("Problem"), "{id} does not say how it refuses");
        }
    }
    ensure!(named == stems("api", &API_PARTS)?, "{named:?}");
    insta::assert_snapshot!(routes.join("\n"));
    Ok(())
}
