use super::{Rule, words};
use crate::{
    facts::Prepared,
    flavour::Family,
    judge::{See, Tell},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("syntax-of-another-server", Level::Error, include_str!("syntax_of_another_server.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    // Where the server itself has parsed it, the server is right.
    if see.facts.syntax.get(&see.statement.index) == Some(&Prepared::Understood) {
        return;
    }
    let flavour = see.settings.flavour;
    for only in see.statement.only.iter().filter(|only| only.family != flavour.family) {
        let (shown, family) = (words::shown(only.span.of(see.script.sql())), only.family);
        tell.at(
            only.span,
            said!("`{shown}` is {family}'s; this server is {flavour}.", "`{shown}` 是 {family} 的写法，而这个服务器是 {flavour}。"),
            said!("{flavour} would refuse the statement with a syntax error.", "{flavour} 会报语法错误，拒绝这条语句。"),
            said!("Write it the way {flavour} knows it, or leave this part out.", "请改成 {flavour} 支持的写法，或去掉这一部分。"),
        );
    }
    let other = if flavour.is_mariadb() { Family::MySql } else { Family::MariaDb };
    for (used, lack) in see.lacking().filter(|(_, lack)| lack.since.is_none()) {
        if tell.is_full() {
            return;
        }
        let what = used.feature.what();
        let (en, zh) = (&what.en, &what.zh);
        let message = said!(
            "{en}: only {other} knows it; this server is {flavour}.",
            "{zh}：只有 {other} 支持，而这个服务器是 {flavour}。",
        );
        let why = said!("{flavour} would refuse the statement with a syntax error.", "{flavour} 会报语法错误，拒绝这条语句。");
        tell.at(used.span, message, why, lack.instead());
    }
}
