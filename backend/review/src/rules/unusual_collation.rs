use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::TableRef,
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("unusual-collation", Level::Warning, include_str!("unusual_collation.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (table, collation, span) in super::names::collations(&see.statement.shape) {
        look(see, tell, table, collation, span);
    }
}

fn look(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, collation: &str, span: Span) {
    let limits = &see.settings.limits;
    let is_in = |list: &[String], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    // Of a character set that is not wanted itself, that is told.
    let wanted = words::charset_of(collation).is_none_or(|charset| is_in(&limits.charsets, charset));
    if !wanted || collation.eq_ignore_ascii_case("default") || is_in(&limits.collations, collation) {
        return;
    }
    let (table, shown) = (words::table(table), words::shown(collation));
    let usual = words::list(limits.collations.iter().map(String::as_str));
    tell.at(
        span,
        said!("{table} would compare texts by {shown}.", "{table} 将使用 {shown} 排序规则。"),
        said!(
            "A join of {table} with a table of another collation fails (error 1267) or can not use an index; other languages' collations also sort and compare in their own way.",
            "{table} 和其他排序规则的表关联时会报 1267 错误，或者用不上索引；其他语言的排序规则，比较和排序的结果也不一样。",
        ),
        said!("Use one of these, the same in all tables of the database: {usual}.", "请使用下面的一种，同一个库里保持一致：{usual}。"),
    );
}
