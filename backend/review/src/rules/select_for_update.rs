use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("select-for-update", Level::Warning, include_str!("select_for_update.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.locks) {
        let table = known::called(scope);
        tell.at(
            first_word(see.script.sql(), scope.span),
            said!("This query locks the rows of {table} that it reads.", "这个查询会锁住读到的 {table} 的行。"),
            said!("Until the transaction ends nobody else can change them; where no index is used all of {table} is locked.", "事务结束之前别人无法修改这些行；用不上索引时会锁住整个 {table}。"),
            said!("Leave FOR UPDATE out where {table} is only read; else choose the rows by an index and end the transaction soon.", "只读取 {table} 时请去掉 FOR UPDATE；否则请用索引指定行，并尽快结束事务。"),
        );
    }
}
