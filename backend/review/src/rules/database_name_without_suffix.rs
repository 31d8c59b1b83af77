use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("database-name-without-suffix", Level::Notice, include_str!("database_name_without_suffix.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateDatabase(name) = &see.statement.shape else { return };
    let suffix = &see.settings.limits.database_suffix;
    if name.text.to_lowercase().ends_with(&suffix.to_lowercase()) {
        return;
    }
    let (shown, better) = (words::quoted(&name.text), words::quoted(&format!("{}{suffix}", name.text)));
    tell.at(
        name.span,
        said!("The name of the new database {shown} does not end with `{suffix}`.", "新库 {shown} 的名称没有以 `{suffix}` 结尾。"),
        said!("The agreed ending tells {shown} from a table or an account in logs and configurations.", "约定的后缀能在日志和配置里把库 {shown} 和表、账号区分开。"),
        said!("Call it {better}.", "建议命名为 {better}。"),
    );
}
