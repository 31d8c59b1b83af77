use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::{Shape, Task},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("statement-out-of-place", Level::Error, include_str!("statement_out_of_place.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::OutOfPlace => {}
        Shape::Admin(admin) if is_not_for_tickets(admin.task) => {}
        _ => return,
    }
    let span = first_word(see.script.sql(), see.statement.span);
    let word = words::shown(span.of(see.script.sql())).to_uppercase();
    let (why, fix) = match see.statement.kind {
        "select" | "show" => (
            Said::fixed("It changes nothing, so there is nothing to approve or to run.", "它不修改任何内容，没有可审批或执行的。"),
            Said::fixed("Leave it out of the ticket.", "请从工单里去掉。"),
        ),
        "use" => (
            Said::fixed(
                "A ticket is approved for one database; USE would run what follows in another, unseen.",
                "工单只针对一个数据库审批；USE 会让后面的语句悄悄在另一个库里执行。",
            ),
            Said::fixed(
                "Leave it out; choose the database when you submit, or write database.table.",
                "请去掉它：提交时选择数据库，或写成 数据库.表名。",
            ),
        ),
        "set" => (
            Said::fixed(
                "A setting changes what the statements after it do, without being seen in them. Only SET NAMES is allowed.",
                "设置会改变后面语句的行为，而从那些语句本身看不出来。只允许 SET NAMES。",
            ),
            Said::fixed("Leave it out; ask a DBA if a statement needs it.", "请去掉它；如果某条语句确实需要，请找 DBA。"),
        ),
        _ => (
            said!(
                "{word} changes accounts, locks, files or the server itself, not your tables' rows or structure.",
                "{word} 改动的是账号、锁、文件或服务器本身，而不是你的表的数据或结构。",
            ),
            Said::fixed("Leave it out, and ask a DBA for what you need.", "请去掉它，把你的需要告诉 DBA。"),
        ),
    };
    let message = said!("{word} has no place in a change ticket.", "变更工单里不能有 {word}。");
    tell.at(span, message, why, fix);
}

/// Work on accounts, locks, files and the server, as against upkeep of tables and calls, which a DBA may run.
fn is_not_for_tickets(task: Task) -> bool {
    !matches!(
        task,
        Task::Maintenance | Task::Call | Task::Database | Task::Tablespace | Task::Dictionary
    )
}
