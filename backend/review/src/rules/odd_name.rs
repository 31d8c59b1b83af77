use super::{Rule, names::new_names, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("odd-name", Level::NeedsDba, include_str!("odd_name.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_names(&see.statement.shape) {
        if is_plain(&new.name.text) {
            continue;
        }
        let shown = words::quoted(&new.name.text);
        let (en, zh) = new.what;
        tell.at(
            new.name.span,
            said!(
                "The {en} name {shown} is more than letters, digits and `_`, or does not begin with a letter.",
                "{zh}名 {shown} 含有字母、数字、下划线以外的字符，或者不是以字母开头。",
            ),
            said!(
                "Such a name must be quoted wherever it is used; programs, exports and shell scripts that forget it fail.",
                "这样的名称每次使用都必须加反引号；忘记加的程序、导出工具和脚本都会出错。",
            ),
            said!("Use ASCII letters, digits and `_`, beginning with a letter.", "请使用英文字母、数字和下划线，并以字母开头。"),
        );
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
