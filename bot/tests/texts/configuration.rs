//! The configuration: the example holds every key, secrets stay out of files and logs.

use dbdesk_bot::config::{Config, LogFormat};
use std::{fs, path::Path};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");

fn keys(value: &serde_json::Value) -> Vec<String> {
    let sections = value.as_object().unwrap().iter();
    let mut keys: Vec<String> = sections
        .flat_map(|(section, keys)| {
            keys.as_object().unwrap().keys().map(move |key| format!("{section}.{key}"))
        })
        .collect();
    keys.sort();
    keys
}

/// The example with token files that exist.
fn example(folder: &Path) -> String {
    let token = folder.join("token");
    fs::write(&token, "  s3cr3t\n").unwrap();
    let text = fs::read_to_string(EXAMPLE).unwrap();
    text.replace("/etc/dbdesk/discord-token", token.to_str().unwrap())
        .replace("/etc/dbdesk/bot-token", token.to_str().unwrap())
}

#[test]
fn the_example_can_be_loaded_and_holds_every_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bot.toml");
    fs::write(&file, example(folder.path())).unwrap();
    let config = Config::load(Some(&file)).unwrap();
    assert_eq!(config.discord.tickets_channel_id.get(), 100_000_000_000_000_003);
    assert_eq!(config.discord.token.expose(), "s3cr3t");
    assert_eq!((config.thread.edit_interval_ms, config.log.format), (2_000, LogFormat::Text));
    let written: toml::Table = fs::read_to_string(EXAMPLE).unwrap().parse().unwrap();
    assert_eq!(keys(&serde_json::to_value(&config).unwrap()), keys(&serde_json::to_value(&written).unwrap()));
    assert!(!format!("{config:?}").contains("s3cr3t"));
    assert!(!serde_json::to_string(&config).unwrap().contains("s3cr3t"));
}

#[test]
fn a_configuration_that_cannot_be_used_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bot.toml");
    let load = |text: &str| {
        fs::write(&file, text).unwrap();
        format!("{:#}", Config::load(Some(&file)).unwrap_err())
    };
    let good = example(folder.path());
    assert!(
        load(&good.replace("\n[discord]\n", "\n[discord]\ntoken = \"x\"\n"))
            .contains("DBDESK_BOT__DISCORD__TOKEN")
    );
    assert!(load(&good.replace("tickets_channel_id", "ticket_channel_id")).contains("ticket_channel_id"));
    assert!(load(&good.replace("\"100000000000000003\"", "\"general\"")).contains("not a Discord id"));
    assert!(load(&good.replace("token_file", "# token_file")).contains("no token for discord"));
    assert!(load("[discord").contains("is not TOML"));
    assert!(
        format!("{:#}", Config::load(Some(Path::new("/nowhere.toml"))).unwrap_err())
            .contains("/nowhere.toml")
    );
}
