use super::Rule;
use crate::{
    facts::Prepared,
    judge::{See, Tell},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("syntax-of-another-version", Level::Error, include_str!("syntax_of_another_version.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    // Where the server itself has parsed it, the server is right.
    if see.facts.syntax.get(&see.statement.index) == Some(&Prepared::Understood) {
        return;
    }
    let family = see.settings.flavour.family;
    for (used, lack) in see.lacking() {
        let (Some(since), false) = (lack.since, tell.is_full()) else { continue };
        let (what, server) = (used.feature.what(), see.server_said());
        let (en, zh) = (&what.en, &what.zh);
        let message = said!(
            "{en} needs {family} {since}; this server is {server}.",
            "{zh}从 {family} {since} 开始才有，而这个服务器是 {server}。",
        );
        let why = said!(
            "{server} would refuse the statement, and the statements after it would not run.",
            "{server} 会拒绝这条语句，后面的语句也不会执行。",
        );
        tell.at(used.span, message, why, lack.instead());
    }
}
