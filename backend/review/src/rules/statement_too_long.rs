use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("statement-too-long", Level::Notice, include_str!("statement_too_long.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let span = see.statement.span;
    let (bytes, most) = (span.end - span.start, see.settings.limits.statement_bytes);
    if bytes <= most {
        return;
    }
    let (long, most) = (words::number(bytes as u64), words::number(most as u64));
    let fix = if matches!(see.statement.shape, Shape::Insert(_)) {
        Said::fixed("Split it into INSERTs of some hundred rows each.", "请拆成每条几百行的几条 INSERT。")
    } else {
        Said::fixed(
            "Split it; write a long list of values as a range, or as a join with a table that holds them.",
            "请拆开；很长的值列表改成范围，或者放进一张表里再关联。",
        )
    };
    tell.at(
        first_word(see.script.sql(), span),
        said!("This statement has {long} bytes; {most} are plenty.", "这条语句有 {long} 字节，一般 {most} 字节以内就够了。"),
        Said::fixed(
            "It is one transaction with all its locks, one event for the replicas, and too long for anybody to read.",
            "它是一个持有全部锁的事务，对从库是一个大事件，也长得没有人会读完。",
        ),
        fix,
    );
}
