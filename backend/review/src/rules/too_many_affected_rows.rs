use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::{AffectedRows, Level}};

pub const RULE: Rule = Rule::new("too-many-affected-rows", Level::NeedsDba, include_str!("too_many_affected_rows.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.affected_rows;
    let (en, zh) = match see.affected_rows() {
        Some(AffectedRows::MoreThan(rows)) => {
            let rows = words::number(rows);
            (format!("more than {rows}"), format!("超过 {rows}"))
        }
        Some(AffectedRows::Exactly(rows)) if rows > most => {
            let rows = words::number(rows);
            (format!("up to {rows}"), format!("最多 {rows}"))
        }
        _ => return,
    };
    let Some(target) = changed_tables(&see.statement.shape).into_iter().next() else { return };
    let (table, most) = (words::table(target), words::number(most));
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("This changes {en} rows of {table}; {most} pass without a DBA.", "这会改动 {table} {zh} 行；不经 DBA 最多 {most} 行。"),
        said!(
            "They were counted on the server, not estimated. One big transaction on {table} holds its locks until the end, and replicas fall behind by as long as it takes.",
            "这是在服务器上实际数出来的，不是估算。对 {table} 的大事务会一直持有锁直到结束，从库也会延迟同样长的时间。",
        ),
        said!(
            "Split it by primary key: … AND id BETWEEN 1 AND 1000, and so on. Or send it to a DBA, who decides whether it may run as one statement.",
            "请按主键拆分：… AND id BETWEEN 1 AND 1000，依此类推。或者转交 DBA，由 DBA 决定能否作为一条语句执行。",
        ),
    );
}
