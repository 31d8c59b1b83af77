use super::{Rule, names::new_names, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("name-too-long", Level::Error, include_str!("name_too_long.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.name_chars;
    for new in new_names(&see.statement.shape) {
        let length = new.name.text.chars().count();
        if length <= most {
            continue;
        }
        let shown = words::quoted(&new.name.text);
        let (en, zh) = new.what;
        tell.at(
            new.name.span,
            said!("The {en} name {shown} has {length} characters; {most} is the most.", "{zh}名 {shown} 有 {length} 个字符，最多 {most} 个。"),
            said!("The server refuses names that are longer than 64 characters.", "服务器不接受超过 64 个字符的名称。"),
            said!("Choose a name of at most {most} characters.", "请改成不超过 {most} 个字符的名称。"),
        );
    }
}
