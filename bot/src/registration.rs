//! The slash commands, built from `commands/src/verbs` and registered when they differ from what Discord has.

use crate::rest::{Rest, RestError};
use dbdesk_commands::verbs::{self, Opt, Takes, Verb};
use serde_json::{Map, Value};
use serenity::{
    all::{CommandOptionType, InteractionContext},
    builder::{CreateCommand, CreateCommandOption},
};

const ZH: &str = "zh-CN";

/// Every command as Discord wants it, for one guild or for all.
#[must_use]
pub fn commands(guild: Option<u64>) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for verb in verbs::ALL {
        if !names.contains(&verb.group) {
            names.push(verb.group);
        }
    }
    let commands = names.iter().filter_map(|name| command(name)).map(|command| match guild {
        // Where a command can be used is said of global ones only.
        Some(_) => command,
        None => command.contexts(vec![InteractionContext::Guild]),
    });
    commands.filter_map(|command| serde_json::to_value(command).ok()).collect()
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
        .set_options(options);
    Some(command)
}

fn subcommand(verb: &Verb) -> Option<CreateCommandOption> {
    let command = CreateCommandOption::new(CommandOptionType::SubCommand, verb.name?, verb.said.en.as_ref())
        .description_localized(ZH, verb.said.zh.as_ref());
    Some(command.set_sub_options(verb.options.iter().map(option)))
}

fn option(opt: &Opt) -> CreateCommandOption {
    let kind = match opt.takes {
        Takes::File => CommandOptionType::Attachment,
        Takes::User => CommandOptionType::User,
        Takes::Text(_) | Takes::Completed(_) | Takes::OneOf(_) => CommandOptionType::String,
    };
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
        Takes::File | Takes::User => option,
    }
}

/// What matters of a command, so that Discord's own additions and defaults make no difference.
fn essence(value: &Value) -> Value {
    const MATTERS: [&str; 14] = [
        "type",
        "name",
        "name_localizations",
        "description",
        "description_localizations",
        ZH,
        "options",
        "required",
        "autocomplete",
        "choices",
        "value",
        "min_length",
        "max_length",
        "contexts",
    ];
    let is_default = |value: &Value| {
        value.is_null()
            || *value == Value::Bool(false)
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty)
    };
    match value {
        Value::Object(object) => {
            let kept =
                object.iter().filter(|(key, value)| MATTERS.contains(&key.as_str()) && !is_default(value));
            Value::Object(kept.map(|(key, value)| (key.clone(), essence(value))).collect())
        }
        Value::Array(values) => Value::Array(values.iter().map(essence).collect()),
        other => other.clone(),
    }
}

fn sorted(commands: &[Value]) -> Vec<String> {
    let essences = commands.iter().map(essence).map(|mut command| {
        // Discord names the type of each command; ours are slash commands, which is the default.
        if let Some(command) = command.as_object_mut()
            && command.get("type").and_then(Value::as_u64) == Some(1)
        {
            command.remove("type");
        }
        command.to_string()
    });
    let mut all: Vec<String> = essences.collect();
    all.sort();
    all
}

/// Registers the commands; tells whether anything had to change.
pub async fn register(rest: &Rest, application: u64, guild: Option<u64>) -> Result<bool, RestError> {
    let wanted = commands(guild);
    let registered = rest.commands(application, guild).await?;
    if sorted(&registered) == sorted(&wanted) {
        return Ok(false);
    }
    rest.set_commands(application, guild, &wanted).await?;
    Ok(true)
}
