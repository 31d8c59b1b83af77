use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Shape, Task},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("procedure-call", Level::NeedsDba, include_str!("procedure_call.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Admin(admin) = &see.statement.shape else { return };
    if admin.task != Task::Call {
        return;
    }
    let word = words::shown(admin.words.of(see.script.sql())).to_uppercase();
    let (why, fix) = if word == "DO" { expression() } else { body() };
    tell.at(
        admin.words,
        said!("What this {word} does can not be seen from here.", "从这里看不出这条 {word} 会做什么。"),
        why,
        fix,
    );
}

fn body() -> (Said, Said) {
    (
        Said::fixed(
            "The body may change any number of rows in any table, and commit in between; nothing of it was counted, and there is no undo for it.",
            "过程体可能修改任意表的任意多行，还可能在中间提交；这些都没有统计过，也无法回滚。",
        ),
        Said::fixed(
            "Write the statements that it runs into the ticket, or send it to a DBA, who knows the body.",
            "请把它实际执行的语句写进工单，或转交了解过程体的 DBA。",
        ),
    )
}

fn expression() -> (Said, Said) {
    (
        Said::fixed(
            "It only evaluates an expression. The functions in it may wait, lock, or change any number of rows; nothing of it was counted, and there is no undo for it.",
            "它只对表达式求值；其中的函数可能等待、加锁，或改动任意多行，这些都没有统计过，也无法回滚。",
        ),
        Said::fixed(
            "Write the statements that are meant into the ticket, or send it to a DBA.",
            "请把真正要做的语句写进工单，或转交 DBA。",
        ),
    )
}
