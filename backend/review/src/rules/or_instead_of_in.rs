use super::{Rule, known};
use crate::{
    truth,
    judge::{See, Tell},
    query::{Tested, Clause, Sign},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("or-instead-of-in", Level::Notice, include_str!("or_instead_of_in.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        if scope.ors < 2 || scope.tests.len() > scope.ors + 1 {
            continue;
        }
        // Every test is `column = value` of one column, so that the whole condition is one list.
        let mut columns = scope.tests.iter().map(|test| match &test.what {
            Tested::Compare(_, Sign::Equal, _) if !test.negated && test.clause == Clause::Where => known::column_and_value(test).map(|(column, _)| column),
            _ => None,
        });
        let Some(Some(first)) = columns.next() else { continue };
        if !columns.all(|column| column.is_some_and(|column| truth::is_same(first, column))) {
            continue;
        }
        let (Some(condition), shown) = (scope.condition, known::shown(see, scope, first)) else { continue };
        let count = scope.tests.len();
        tell.at(
            known::whole(see, condition),
            said!("{shown} is compared {count} times, joined by OR.", "{shown} 用 OR 比较了 {count} 次。"),
            said!("One list says the same, is read as one range of the index, and no bracket can be forgotten.", "一个列表就能表达同样的意思，按一个索引范围读取，也不会漏写括号。"),
            said!("Write {shown} IN (…).", "请写成 {shown} IN (…)。"),
        );
    }
}
