use super::{Rule, names::new_names, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("table-name-without-prefix", Level::Warning, include_str!("table_name_without_prefix.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let prefix = &see.settings.limits.table_prefix;
    for new in new_names(&see.statement.shape).into_iter().filter(|new| new.what.0 == "table") {
        let name = &new.name.text;
        if name.to_lowercase().starts_with(&prefix.to_lowercase()) {
            continue;
        }
        let (shown, better) = (words::quoted(name), words::quoted(&format!("{prefix}{name}")));
        tell.at(
            new.name.span,
            said!("The name of the new table {shown} does not begin with `{prefix}`.", "新表 {shown} 的名称没有以 `{prefix}` 开头。"),
            Said::fixed(
                "Where several programs share a database, the prefix tells whose a table is, and rights are granted by it.",
                "多个程序共用一个库时，靠前缀区分表归谁，也按前缀授权。",
            ),
            said!("Call it {better}.", "建议命名为 {better}。"),
        );
    }
}
