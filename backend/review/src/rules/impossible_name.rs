use super::{Rule, names::new_names, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("impossible-name", Level::Error, include_str!("impossible_name.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_names(&see.statement.shape) {
        let name = &new.name.text;
        let (en, zh) = new.what;
        let message = if name.is_empty() {
            said!("A {en} can not have an empty name.", "{zh}名不能为空。")
        } else if name.ends_with(' ') {
            let shown = words::quoted(name);
            said!("The {en} name {shown} ends with a blank.", "{zh}名 {shown} 以空格结尾。")
        } else if en == "index" && name.eq_ignore_ascii_case("primary") {
            said!(
                "`PRIMARY` is the name of the primary key; no other index can have it.",
                "`PRIMARY` 是主键的名称，别的索引不能用。",
            )
        } else {
            continue;
        };
        tell.at(
            new.name.span,
            message,
            Said::fixed("No server takes such a name: the statement would fail.", "服务器不接受这样的名称，语句会报错。"),
            if en == "index" {
                Said::fixed("Choose a name such as `idx_user_id`.", "请换一个名称，例如 `idx_user_id`。")
            } else {
                Said::fixed("Choose a name of letters, digits and `_`.", "请换成由字母、数字和下划线组成的名称。")
            },
        );
    }
}
