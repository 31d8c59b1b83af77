//! The slash commands as Discord gets them.

use dbdesk_bot::registration;
use dbdesk_commands::verbs;
use serde_json::json;
use twilight_model::application::command::Command;

#[test]
fn the_commands_are_what_discord_takes() {
    for command in registration::commands(None) {
        let mut whole = command.clone();
        whole["type"] = json!(1);
        whole["version"] = json!("1");
        whole["default_member_permissions"] = json!(null);
        let command: Command = serde_json::from_value(whole).unwrap();
        twilight_validate::command::command(&command).unwrap();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&registration::commands(None)).unwrap());
}

#[test]
fn every_verb_has_a_handler_of_its_name() {
    let handlers = concat!(env!("CARGO_MANIFEST_DIR"), "/src/handle");
    for verb in verbs::ALL {
        let stem = verb.name.map_or_else(|| verb.group.to_owned(), |name| format!("{}_{name}", verb.group));
        let file = std::path::Path::new(handlers).join(format!("{}.rs", stem.replace('-', "_")));
        assert!(file.exists(), "{} is missing", file.display());
    }
    for verb in dbdesk_commands::wire::ticket::TicketVerb::ALL {
        let file =
            std::path::Path::new(handlers).join(format!("ticket_{}.rs", verb.word().replace('-', "_")));
        assert!(file.exists(), "{} is missing", file.display());
    }
}
