use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("sysdate-in-statement", Level::Notice, include_str!("sysdate_in_statement.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let is = |operand: &Operand| matches!(operand, Operand::Value(Some(call), _) if call == "sysdate");
    let tested = known::tests(see).flat_map(|(_, test)| match &test.what {
        Tested::Compare(left, _, right) => vec![left, right],
        Tested::Between(_, low, high) => vec![low, high],
        _ => Vec::new(),
    });
    let set = see.statement.queries.assigned.iter().map(|set| &set.value);
    for value in tested.chain(set).filter(|value| is(value)) {
        let span = known::whole(see, value.span());
        tell.at(
            span,
            Said::fixed("SYSDATE() is the time of each call, not of the statement.", "SYSDATE() 取的是每次调用的时间，而不是语句开始的时间。"),
            Said::fixed(
                "It differs from row to row and from replica to replica, and no index is used for it.",
                "它在每一行、每个从库上都可能不同，而且用不上索引。",
            ),
            Said::fixed("Write NOW().", "请写成 NOW()。"),
        );
    }
}
