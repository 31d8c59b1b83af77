use super::{Rule, names::table_options, words};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("table-comment-too-long", Level::Error, include_str!("table_comment_too_long.md"), check);

/// The server's limit.
const MOST: usize = 2_048;

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (table, option) in table_options(&see.statement.shape) {
        let length = option.value.chars().count();
        if option.name != "comment" || length <= MOST {
            continue;
        }
        let table = words::table(table);
        tell.at(
            option.span,
            said!("The comment of {table} has {length} characters; {MOST} is the most.", "{table} 的注释有 {length} 个字符，最多 {MOST} 个。"),
            said!("The server refuses it (error 1628).", "服务器会拒绝（1628 错误）。"),
            said!("Say in one sentence what a row of {table} is; the rest belongs into the documentation.", "用一句话说明 {table} 的一行是什么，其余内容请写到文档里。"),
        );
    }
}
