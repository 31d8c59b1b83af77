use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("date-without-quotes", Level::NeedsDba, include_str!("date_without_quotes.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let tested = known::tests(see).flat_map(|(_, test)| match &test.what {
        Tested::Compare(left, _, right) => vec![left, right],
        Tested::Between(_, low, high) => vec![low, high],
        _ => Vec::new(),
    });
    let set = see.statement.queries.assigned.iter().map(|set| &set.value);
    for value in tested.chain(set) {
        let Operand::Value(None, span) = value else { continue };
        let span = known::whole(see, *span);
        let text = span.of(see.script.sql());
        let Some(counted) = as_date(text) else { continue };
        tell.leveled(
            known::by_harm(see),
            span,
            said!("{text} has no quotes: it is a subtraction.", "{text} 没有加引号，是一个减法。"),
            said!("The server reckons {text} = {counted} and compares or writes that number, not the day.", "服务器会算出 {text} = {counted}，然后用这个数字去比较或写入，而不是日期。"),
            said!("Write '{text}'.", "请写成 '{text}'。"),
        )
        .mend(vec![Edit::replace(span, format!("'{text}'"))]);
    }
}

/// What `2024-01-31` comes to, where it looks like a day.
fn as_date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 || ![year, month, day].iter().all(|part| digits(part)) {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then(|| year - month - day)
}
