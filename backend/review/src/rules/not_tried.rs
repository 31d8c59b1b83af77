use super::Rule;
use crate::{
    judge::{See, Tell},
    read::first_word,
    shadow::{Answer, Left, Outcome},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("not-tried", Level::Notice, include_str!("not_tried.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shadow = &see.facts.shadow;
    let index = see.statement.index;
    let left = match shadow.answers.get(&index) {
        Some(Answer::Left(left)) => Some(*left),
        _ => None,
    };
    let first = |wanted: Left| {
        shadow.answers.iter().find(|(_, answer)| **answer == Answer::Left(wanted)).is_some_and(|(at, _)| *at == index)
    };
    let message = match (shadow.outcome, left) {
        // Said once, of the whole ticket.
        (Outcome::NotAsked | Outcome::Tried | Outcome::OutOfTime, None) => return,
        (outcome, None) => match whole(outcome) {
            Some(message) if is_first(see) => message,
            _ => return,
        },
        (_, Some(left @ (Left::Time | Left::TooMany))) if !first(left) => return,
        (_, Some(left)) => one(left),
    };
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        message,
        said!(
            "Whether it runs was therefore judged by the rules and the live server's definitions alone.",
            "因此能否执行只依据规则和线上的表结构判断。",
        ),
        said!("There is nothing that you must do.", "你不需要做任何事。"),
    );
}

/// The first statement that would have been tried.
fn is_first(see: &See<'_>) -> bool {
    let first = see.mix.first_ddl.into_iter().chain(see.mix.first_dml).min();
    first == Some(see.statement.index)
}

fn whole(outcome: Outcome) -> Option<Said> {
    match outcome {
        Outcome::NoServer(flavour) => Some(said!(
            "This ticket was reviewed without being tried: the desk has no review server for {flavour}.",
            "这个工单没有试运行：工单台没有 {flavour} 的评审服务器。",
        )),
        Outcome::Busy => Some(said!(
            "This ticket was reviewed without being tried: the review server was busy.",
            "这个工单没有试运行：评审服务器正忙。",
        )),
        Outcome::Unreachable => Some(said!(
            "This ticket was reviewed without being tried: the review server did not answer.",
            "这个工单没有试运行：评审服务器没有响应。",
        )),
        Outcome::Undefined => Some(said!(
            "This ticket was reviewed without being tried: the tables' definitions could not be read from the live server.",
            "这个工单没有试运行：无法从线上读取表结构。",
        )),
        Outcome::NotAsked | Outcome::OutOfTime | Outcome::Tried => None,
    }
}

fn one(left: Left) -> Said {
    match left {
        Left::Unsuited => said!(
            "This statement was not tried on the review server: it names an engine, a place of files or a function that is not used there.",
            "这条语句没有在评审服务器上试运行：它用到了那里不使用的存储引擎、文件位置或函数。",
        ),
        Left::Names => said!(
            "This statement was not tried on the review server: a name in it may be a database's or not.",
            "这条语句没有在评审服务器上试运行：无法确定其中某个名字是不是库名。",
        ),
        Left::Uncopied => said!(
            "This statement was not tried on the review server: one of its tables could not be copied there (a view, or too large, or too many).",
            "这条语句没有在评审服务器上试运行：它用到的某张表无法复制过去（视图、定义太大或表太多）。",
        ),
        Left::TooMany => said!(
            "From here on statements were not tried on the review server: the ticket has too many, or too long ones.",
            "从这里开始没有在评审服务器上试运行：语句太多或太长。",
        ),
        Left::Time => said!(
            "From here on statements were not tried on the review server: its time was over.",
            "从这里开始没有在评审服务器上试运行：时间用完了。",
        ),
        Left::Server(number) => said!(
            "What the review server said of this statement counts for nothing: it had a trouble of its own (error {number}).",
            "评审服务器对这条语句的结论不作数：它自己出了问题（错误 {number}）。",
        ),
    }
}
