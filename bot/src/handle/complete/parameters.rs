//! Scripts and their parameters while they are typed: first a parameter's name, then what it takes. A choice holds all that was typed so
//! far, and Discord takes 100 characters of it; what is longer is typed without help.

use super::{Choices, LIMIT, fitting, group};
use crate::{
    handle::Desk,
    inbound::{Complete, Inbound},
};
use dbdesk_commands::{
    lang::{Lang, said},
    params::Typing,
    wire::{
        account::AccountPage,
        group::{GroupPage, Topology},
        script::{ParameterView, ScriptLine, ScriptPage, ScriptView},
    },
};
use serde_json::Value;

/// Scripts that the asker may run.
pub(super) async fn scripts(desk: &Desk, inbound: &Inbound, typed: &str) -> Option<Choices> {
    let page: ScriptPage = desk.backend.get(&inbound.asker.acting(), &["scripts"], &[], LIMIT).await.ok()?;
    let line = |it: ScriptLine| (format!("{} · {}", it.name, it.title), it.name);
    Some(fitting(page.scripts.into_iter().map(line), typed))
}

/// Names of the script's parameters that are not there yet, or values of the one that is being typed.
pub(super) async fn offer(desk: &Desk, inbound: &Inbound, it: &Complete) -> Option<Choices> {
    let name = Some(it.name.trim()).filter(|name| !name.is_empty())?;
    let acting = inbound.asker.acting();
    let script: ScriptView = desk.backend.get(&acting, &["scripts", name], &[], LIMIT).await.ok()?;
    let typing = Typing::of(&it.typed);
    let lang = inbound.asker.lang;
    let Some(key) = &typing.key else { return Some(names(&script, &typing, lang)) };
    let parameter = script.parameters.iter().find(|parameter| parameter.name == *key)?;
    let values = values(desk, inbound, it, (parameter, &typing.typed)).await.unwrap_or_default();
    let lower = typing.typed.to_lowercase();
    let mut fit: Vec<String> =
        values.into_iter().filter(|value| value.to_lowercase().contains(&lower)).collect();
    // What is typed may be what is meant.
    if !typing.typed.is_empty() && !fit.contains(&typing.typed) {
        fit.push(typing.typed.clone());
    }
    let choice = |value: String| {
        let text = typing.with(key, Some(&value));
        (text.clone(), text)
    };
    Some(fit.into_iter().map(choice).collect())
}

/// Those that must be given come first; with all of these there, what is typed may be enough.
fn names(script: &ScriptView, typing: &Typing, lang: Lang) -> Choices {
    let left = script.parameters.iter().filter(|parameter| {
        !typing.given.contains(&parameter.name) && parameter.name.contains(typing.typed.as_str())
    });
    let mut left: Vec<&ParameterView> = left.collect();
    left.sort_by_key(|parameter| !parameter.required);
    let enough = typing.typed.is_empty()
        && !typing.before.trim().is_empty()
        && !left.iter().any(|parameter| parameter.required);
    let whole = typing.before.trim_end().to_owned();
    let done = enough.then(|| {
        let label = said!("{whole} ✓ enough", "{whole} ✓ 已足够");
        (label.in_lang(lang).to_owned(), whole.clone())
    });
    let line = |parameter: &ParameterView| {
        let text = typing.with(&parameter.name, None);
        let must = if parameter.required { "*" } else { "" };
        (format!("{text}{must} · {} ({})", parameter.text, parameter.takes), text)
    };
    done.into_iter().chain(left.into_iter().map(line)).collect()
}

async fn values(
    desk: &Desk,
    inbound: &Inbound,
    it: &Complete,
    (parameter, typed): (&ParameterView, &str),
) -> Option<Vec<String>> {
    let acting = inbound.asker.acting();
    let here = Some(it.group.trim()).filter(|group| !group.is_empty());
    match parameter.kind.as_str() {
        "choice" | "boolean" => Some(parameter.choices.clone()),
        "group" => {
            let page: GroupPage =
                desk.backend.get(&acting, &["service-groups"], &[("prefix", typed)], LIMIT).await.ok()?;
            Some(page.groups.into_iter().map(|group| group.name).collect())
        }
        "database" => Some(group(desk, inbound, it).await?.databases),
        // A table begins with its database.
        "table" => {
            let databases = group(desk, inbound, it).await?.databases;
            Some(databases.into_iter().map(|database| format!("{database}.")).collect())
        }
        kind @ ("instance" | "host") => {
            let path = ["service-groups", here?, "topology"];
            let topology: Topology = desk.backend.get(&acting, &path, &[], LIMIT).await.ok()?;
            let mut places: Vec<String> = topology
                .instances
                .into_iter()
                .map(|it| if kind == "host" { it.host } else { format!("{}:{}", it.host, it.port) })
                .collect();
            places.dedup();
            Some(places)
        }
        "account" => {
            let query = [("which", "all"), ("service_group", here?), ("limit", "25")];
            let page: AccountPage = desk.backend.get(&acting, &["accounts"], &query, LIMIT).await.ok()?;
            Some(page.accounts.into_iter().map(|account| account.user).collect())
        }
        _ => Some(parameter.default.iter().map(shown).collect()),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
