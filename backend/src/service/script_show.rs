//! What a script does, and what it takes.

use super::{Caller, Failure, scripting};
use crate::desk::Desk;
use dbdesk_commands::{
    lang::Lang,
    wire::{
        person::Role,
        script::{ParameterView, ScriptView},
    },
};
use dbdesk_executor::scripts::Script;
use dbdesk_script::{Approvals, Kind, Parameter, Secrets, manifest::Who};

/// Shows it to one who may run it.
pub async fn show(desk: &Desk, caller: &Caller, name: &str) -> Result<ScriptView, Failure> {
    Ok(view(scripting::one(desk, caller, name).await?, caller.lang))
}

fn view(Script { manifest, hash, .. }: Script, lang: Lang) -> ScriptView {
    let who = |who: &Who| match who {
        Who::Role(Role::Developer) => "developer".to_owned(),
        Who::Role(Role::Dba) => "dba".to_owned(),
        Who::Role(Role::Admin) => "admin".to_owned(),
        Who::Group(name) => name.clone(),
    };
    ScriptView {
        title: manifest.title.in_lang(lang).to_owned(),
        text: manifest.text.as_ref().map(|text| text.in_lang(lang).to_owned()),
        who: manifest.who.iter().map(who).collect(),
        approvals: match &manifest.approvals {
            Approvals::Policy => "policy".to_owned(),
            Approvals::Nobody => "nobody".to_owned(),
            Approvals::Step { from, needs } => format!("{needs} of {from}"),
        },
        risk: manifest.risk.word().to_owned(),
        time_limit_s: manifest.time_limit_s,
        at_once: manifest.at_once,
        per_group: manifest.per_group,
        has_account: manifest.secrets == Secrets::Primary,
        parameters: manifest.parameters.iter().map(|parameter| of_parameter(parameter, lang)).collect(),
        environments: manifest.targets.environments,
        service_groups: manifest.targets.groups,
        name: manifest.name,
        files: hash,
    }
}

fn of_parameter(parameter: &Parameter, lang: Lang) -> ParameterView {
    ParameterView {
        name: parameter.name.clone(),
        text: parameter.text.in_lang(lang).to_owned(),
        kind: parameter.kind.word().to_owned(),
        takes: parameter.kind.said().in_lang(lang).to_owned(),
        required: parameter.required,
        default: parameter.default.clone(),
        choices: match &parameter.kind {
            Kind::Choice(choices) => choices.clone(),
            Kind::Boolean => vec!["yes".to_owned(), "no".to_owned()],
            _ => Vec::new(),
        },
    }
}
