//! The slash commands, built from `commands/src/verbs` and registered when they differ from what Discord has.

use crate::rest::{Rest, RestError};
use dbdesk_commands::verbs::{self, Opt, Takes, Verb};
use serde_json::{Map, Value};
use serenity::{
    all::{CommandOptionType, InteractionContext},
    builder::{CreateCommand, CreateCommandOption},
};

const ZH: &str = "zh-CN";

/// Every command as Discord wants it.
#[must_use]
pub fn commands() -> Vec<Value> {
    let mut names: Vec<&str> = verbs::ALL.iter().map(|verb| verb.group).collect();
    names.dedup();
    names
        .iter()
        .filter_map(|name| command(name))
        .filter_map(|command| serde_json::to_value(command).ok())
        .collect()
}

fn command(group: &str) -> Option<CreateCommand> {
    let of_group: Vec<&Verb> = verbs::ALL.iter().copied().filter(|verb| verb.group == group).collect();
    let alone = of_group.iter().find(|verb| verb.name.is_none());
    let said = match alone {
        Some(verb) => &verb.said,
        None => verbs::GROUPS.iter().find(|(name, _)| *name == group).map(|(_, said)| said)?,
    };
    let options = match alone {
        Some(verb) => verb.options.iter().map(option).collect(),
        None => of_group.iter().filter_map(|verb| subcommand(verb)).collect(),
    };
    let command = CreateCommand::new(group)
        .description(said.en.as_ref())
        .description_localized(ZH, said.zh.as_ref())
        .set_options(options)
        .contexts(vec![InteractionContext::Guild]);
    Some(command)
}

fn subcommand(verb: &Verb) -> Option<CreateCommandOption> {
    let command = CreateCommandOption::new(CommandOptionType::SubCommand, verb.name?, verb.said.en.as_ref())
        .description_localized(ZH, verb.said.zh.as_ref());
    Some(command.set_sub_options(verb.options.iter().map(option)))
}

fn option(opt: &Opt) -> CreateCommandOption {
    let kind =
        if opt.takes == Takes::File { CommandOptionType::Attachment } else { CommandOptionType::String };
    let option = CreateCommandOption::new(kind, opt.name, opt.said.en.as_ref())
        .description_localized(ZH, opt.said.zh.as_ref())
        .required(opt.required);
    match opt.takes {
        Takes::Text(max) => option.max_length(max),
        Takes::Completed(_) => option.set_autocomplete(true),
        Takes::OneOf(words) => words.iter().fold(option, |option, (word, said)| {
            let zh = [(ZH, said.zh.as_ref())];
            option.add_string_choice_localized(said.en.as_ref(), *word, zh)
        }),
        Takes::File => option,
    }
}

/// What matters of a command, so that Discord's own additions and defaults make no difference.
fn essence(value: &Value) -> Value {
    const MATTERS: [&str; 13] = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        "options",
        "required",
        "autocomplete",
        "choices",
        "value",
        "min_length",
        "max_length",
        "contexts",
    ];
    match value {
        Value::Object(object) => {
            let is_default = |key: &str, value: &Value| {
                value.is_null()
                    || *value == Value::Bool(false)
                    || value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(Map::is_empty)
                    // A command is a slash command unless it says otherwise.
                    || (key == "type" && value.as_u64() == Some(1) && object.get("contexts").is_some())
            };
            let kept = object.iter().filter(|(key, value)| {
                (MATTERS.contains(&key.as_str()) || value.is_string())
                    && key.as_str() != "id"
                    && !is_default(key, value)
            });
            let kept = kept.filter(|(key, _)| MATTERS.contains(&key.as_str()) || *key == ZH);
            Value::Object(kept.map(|(key, value)| (key.clone(), essence(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(essence).collect()),
        other => other.clone(),
    }
}

fn sorted(commands: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = commands.iter().map(|command| essence(command).to_string()).collect();
    all.sort();
    all
}

/// Registers the commands; tells whether anything had to change.
pub async fn register(rest: &Rest, application: u64, guild: Option<u64>) -> Result<bool, RestError> {
    let wanted = commands();
    let registered = rest.commands(application, guild).await?;
    if sorted(&registered) == sorted(&wanted) {
        return Ok(false);
    }
    rest.set_commands(application, guild, &wanted).await?;
    Ok(true)
}
