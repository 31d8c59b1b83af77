use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("transaction-control", Level::Error, include_str!("transaction_control.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if see.statement.shape != Shape::Transaction {
        return;
    }
    let span = first_word(see.script.sql(), see.statement.span);
    let word = words::shown(span.of(see.script.sql())).to_uppercase();
    tell.at(
        span,
        said!("{word} controls the transaction by hand.", "{word} 手工控制了事务。"),
        said!(
            "Statements run one by one, and the desk decides where each transaction begins and ends, so that it can pause, stop and tell what ran. A COMMIT or ROLLBACK in between would make that untrue.",
            "语句逐条执行，每个事务从哪里开始、到哪里结束由工单台决定，这样才能暂停、停止，并准确告诉你执行到哪里。中间的 COMMIT 或 ROLLBACK 会打破这一点。",
        ),
        said!(
            "Leave {word} out. If several statements must succeed or fail together, say so in the reason; a DBA sees to it.",
            "请去掉 {word}。如果几条语句必须同时成功或失败，请写在理由里，由 DBA 处理。",
        ),
    );
}
