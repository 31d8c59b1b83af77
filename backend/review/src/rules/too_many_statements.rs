use super::Rule;
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
    read::{Statement, first_word},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};
use std::collections::HashSet;

pub const RULE: Rule = Rule::new("too-many-statements", Level::Warning, include_str!("too_many_statements.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.statements;
    // Told once, at the first that is too many.
    if see.statement.index != most {
        return;
    }
    let count = changes(see.script.statements());
    if count <= most {
        return;
    }
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("This ticket has {count} statements; more than {most} are hard to oversee.", "这张工单有 {count} 条语句，超过 {most} 条就很难看清楚。"),
        Said::fixed(
            "They run one by one, each with its own round to the server and its own entry in the thread; when one fails, the rest waits, and whoever approves can not have read them all.",
            "语句是逐条执行的，每条都要和服务器往返一次，在讨论串里各有一条记录；中间一条失败，后面的都要等；审批的人也不可能逐条看完。",
        ),
        Said::fixed(
            "Join INSERTs of one table into one with many rows, ALTERs of one table into one, and split the rest into tickets.",
            "同一张表的 INSERT 合并成一条多行的，同一张表的 ALTER 合并成一条，其余的拆成几张工单。",
        ),
    );
}

/// How many changes there are to oversee: the same change of `orders_0000` to `orders_0511` is one.
fn changes(statements: &[Statement]) -> usize {
    let (mut series, mut count) = (HashSet::new(), 0);
    for statement in statements {
        let table = changed_tables(&statement.shape).into_iter().next().filter(|_| statement.shape.is_ddl());
        let name = table.map_or("", |table| table.table.text.as_str());
        let stem = name.trim_end_matches(|last: char| last.is_ascii_digit());
        if stem.len() == name.len() || series.insert((statement.kind, stem)) {
            count += 1;
        }
    }
    count
}
